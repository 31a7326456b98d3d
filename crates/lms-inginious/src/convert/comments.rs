//! Comments of task files. The neutral model has no place for them, so the file is kept beside it, and is written again
//! as it was where the task still says the same.

use lms_core::{AssetLinks, Extras, Platform, Step};
use serde_json::Value;

use super::read::{Reading, TaskFiles, read_task};
use super::write::write_task;
use crate::folder::yaml::parse;

/// The key of the file in a step's settings.
pub(crate) const SOURCE: &str = "source";
/// So many places are tried; a file with more is taken to have comments.
const MOST: usize = 64;

/// Whether a file has comments. What begins with `#` inside a text is none: without it, the file would say another thing.
pub(crate) fn has_comments(text: &str) -> bool {
    let Ok(whole) = parse(text).map(|node| node.to_json()) else { return false };
    let mut tried = 0;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        for (at, _) in line.match_indices('#') {
            let before = &line[..at];
            if !before.is_empty() && !before.ends_with([' ', '\t']) {
                continue;
            }
            tried += 1;
            if tried > MOST {
                return true;
            }
            let rest = line[at..].find('\n').map_or("", |end| &line[at + end..]);
            let without = [&text[..start], before, rest, &text[start + line.len()..]].concat();
            if parse(&without).is_ok_and(|node| node.to_json() == whole) {
                return true;
            }
        }
        start += line.len();
    }
    false
}

/// The file that a step was read from, where it still says what the step says: both are written, and compared.
pub(crate) fn kept<'s>(step: &'s Step, links: &AssetLinks) -> Option<&'s str> {
    let source = step.extras.get(Platform::Inginious, SOURCE).and_then(Value::as_str)?;
    let none = serde_json::Map::new();
    let files = TaskFiles { id: step.id.as_str(), source, grading: None };
    let read = read_task(&mut Reading::default(), files, Some(&none));
    let description = |step: &Step, links: &AssetLinks| {
        let written = write_task(&without(step), links).ok()?;
        let (_, text) = written.files.into_iter().find(|(name, _)| name == "task.yaml")?;
        (!written.generated).then_some(text)
    };
    let now = description(step, links)?;
    (description(&read, &AssetLinks::new())? == now).then_some(source)
}

/// A step without the file that it was read from.
pub(crate) fn without(step: &Step) -> Step {
    let mut extras = Extras::new();
    for platform in step.extras.platforms() {
        for (key, value) in step.extras.of(platform).filter(|(key, _)| *key != SOURCE) {
            extras.set(platform, key, value.clone());
        }
    }
    Step { extras, ..step.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_told_from_texts() {
        for with in ["# all\nname: A\n", "name: A # the name\n", "a:\n  b: |\n    x\n  # here\n  c: 1\n"] {
            assert!(has_comments(with), "{with}");
        }
        for none in [
            "name: A#1\n",
            "name: 'A # 1'\n",
            "default: |\n    # a line of Python\n    x = 1  # another\n",
            "color: \"#fff\"\n",
            "no: [yaml # ",
        ] {
            assert!(!has_comments(none), "{none}");
        }
    }
}
