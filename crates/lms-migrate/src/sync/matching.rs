//! Which node of the source is which node that an earlier run wrote.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::tree::Row;
use crate::journal::record::Key;
use crate::journal::state::Known;

/// For each node of the source that was written before, the name it had then.
///
/// First those that say the same under the same name; then those that say the same under another one, where
/// there is just one such on both sides and the old name does not go on as an edited node (formats without ids
/// name nodes by their place, so that one inserted step renames all that follow); then those of the same name.
pub(crate) fn matched(wants: &[Row<'_>], known: &BTreeMap<Key, Known>) -> HashMap<Key, Key> {
    let mut pairs: HashMap<Key, Key> = HashMap::new();
    let mut taken: HashSet<Key> = HashSet::new();
    for want in wants {
        if known.get(&want.key).is_some_and(|known| known.written == want.print) {
            pairs.insert(want.key.clone(), want.key.clone());
            taken.insert(want.key.clone());
        }
    }
    let names: HashSet<&Key> = wants.iter().map(|want| &want.key).collect();
    loop {
        let mut new_by_print: HashMap<(crate::journal::record::Kind, &str), Vec<&Row<'_>>> = HashMap::new();
        for want in wants.iter().filter(|want| !pairs.contains_key(&want.key)) {
            new_by_print.entry((want.kind(), &want.print)).or_default().push(want);
        }
        let mut old_by_print: HashMap<(crate::journal::record::Kind, &str), Vec<&Key>> = HashMap::new();
        for (key, known) in known.iter().filter(|(key, _)| !taken.contains(*key)) {
            old_by_print.entry((key.kind, &known.written)).or_default().push(key);
        }
        let mut found: Vec<(Key, Key)> = Vec::new();
        for (print, new) in &new_by_print {
            let ([want], Some([old])) = (new.as_slice(), old_by_print.get(print).map(Vec::as_slice)) else {
                continue;
            };
            let renamed = known.contains_key(&want.key) || !names.contains(*old) || pairs.contains_key(*old);
            if renamed {
                found.push((want.key.clone(), (*old).clone()));
            }
        }
        if found.is_empty() {
            break;
        }
        for (new, old) in found {
            taken.insert(old.clone());
            pairs.insert(new, old);
        }
    }
    for want in wants {
        if !pairs.contains_key(&want.key) && known.contains_key(&want.key) && !taken.contains(&want.key) {
            taken.insert(want.key.clone());
            pairs.insert(want.key.clone(), want.key.clone());
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use lms_core::{Course, Lesson, Section, Step};

    use super::*;
    use crate::journal::record::Kind;
    use crate::sync::fingerprint::Hashes;
    use crate::sync::tree::rows;

    fn course(steps: &[(&str, &str)]) -> Course {
        let mut course = Course::new("c", "C");
        let mut section = Section::new("s", "S");
        let mut lesson = Lesson::new("l", "L");
        lesson.steps = steps.iter().map(|(id, title)| Step::new(*id, *title)).collect();
        section.lessons.push(lesson);
        course.sections.push(section);
        course
    }

    /// The old name of each step of `new`.
    fn names(old: &[(&str, &str)], new: &[(&str, &str)]) -> Vec<Option<String>> {
        let (old, new) = (course(old), course(new));
        let known = rows(&old, &Hashes::new())
            .into_iter()
            .map(|row| {
                let known = Known {
                    id: String::new(),
                    under: row.under,
                    position: row.position,
                    written: row.print,
                    seen: None,
                };
                (row.key, known)
            })
            .collect();
        let wants = rows(&new, &Hashes::new());
        let pairs = matched(&wants, &known);
        let steps = wants.iter().filter(|row| row.kind() == Kind::Step);
        steps.map(|row| pairs.get(&row.key).map(|old| old.id.clone())).collect()
    }

    fn some(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| (!name.is_empty()).then(|| (*name).to_owned())).collect()
    }

    #[test]
    fn names_that_stay_are_followed_through_edits_and_moves() {
        assert_eq!(
            names(&[("a", "A"), ("b", "B")], &[("b", "B!"), ("x", "X"), ("a", "A")]),
            some(&["b", "", "a"])
        );
        // A copy of a step whose original is edited is a new step.
        assert_eq!(names(&[("a", "A")], &[("a", "A!"), ("x", "A")]), some(&["a", ""]));
    }

    #[test]
    fn names_that_are_places_are_followed_by_what_stands_there() {
        let old = [("1", "A"), ("2", "B"), ("3", "C")];
        assert_eq!(
            names(&old, &[("1", "A"), ("2", "X"), ("3", "B"), ("4", "C")]),
            some(&["1", "", "2", "3"])
        );
        assert_eq!(names(&old, &[("1", "A"), ("2", "C")]), some(&["1", "3"]));
    }
}
