//! string (reference stepik.md 4.5)

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fancy_regex::Regex;
use serde_json::{Value, json};

use super::schema::{attachments, flag, later_flag, strip, text};
use super::{Quiz, Task, Verdict, code};
use crate::random::Dice;

#[derive(Debug)]
pub(super) struct Text;

impl Quiz for Text {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        for key in ["match_substring", "case_sensitive"] {
            flag(source, key)?;
        }
        let (pattern, code) = (text(source, "pattern")?, text(source, "code")?);
        if is_code(code) {
            return match ["def check(", "def solve("].iter().all(|function| code.contains(function)) {
                true => Ok(json!({})),
                false => Err("Code should define `check(reply)` and `solve()`.".to_owned()),
            };
        }
        if flag(source, "use_re")? {
            let regex =
                compile(source, pattern).map_err(|error| format!("Malformed regular expression: {error}"))?;
            if regex.find("").is_ok_and(|found| found.is_some()) {
                return Err("The pattern matches the empty string.".to_owned());
            }
        } else if pattern.is_empty() {
            return Err("The pattern is empty.".to_owned());
        }
        Ok(json!({}))
    }

    fn generate(&self, _source: &Value, _dice: &mut Dice) -> Task {
        Task::without_dataset()
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        let written = text(reply, "text")?;
        let files: &[Value] =
            if reply.get("files").is_some_and(|f| !f.is_null()) { attachments(reply, "files")? } else { &[] };
        if files.len() > 1 {
            return Err("At most one file.".to_owned());
        }
        // The content of a file replaces the text.
        let answer = match files.first() {
            Some(file) => file_text(file)?,
            None => written.to_owned(),
        };
        Ok(json!({ "text": answer, "files": files }))
    }

    fn grade(&self, source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let answer = strip(text(reply, "text").unwrap_or_default());
        let (pattern, code) =
            (text(source, "pattern").unwrap_or_default(), text(source, "code").unwrap_or_default());
        if is_code(code) {
            return Verdict::of(code::comment_texts(code, "expect:").any(|accepted| accepted == answer));
        }
        let is_substring = later_flag(source, "match_substring");
        if later_flag(source, "use_re") {
            // The matched text must equal the whole reply; this is not a full match, so the order of alternatives
            // matters. (reference stepik.md 4.5, 6.1)
            let found = compile(source, pattern)
                .ok()
                .and_then(|regex| regex.find(answer).ok().flatten().map(|m| m.range()));
            return Verdict::of(found.is_some_and(|range| is_substring || range == (0..answer.len())));
        }
        let fold = |text: &str| {
            if later_flag(source, "case_sensitive") { text.to_owned() } else { text.to_lowercase() }
        };
        // The reply has lost its outer white space, so a pattern that is to equal it loses it too; what is looked for
        // within the reply may begin or end with some.
        let answer = fold(answer);
        Verdict::of(if is_substring {
            answer.contains(&fold(pattern))
        } else {
            answer == fold(strip(pattern))
        })
    }

    fn keeps_attempt(&self) -> bool {
        true
    }
}

fn compile(source: &Value, pattern: &str) -> Result<Regex, Box<fancy_regex::Error>> {
    let case = if later_flag(source, "case_sensitive") { "" } else { "(?i)" };
    let anchor = if later_flag(source, "match_substring") { "" } else { r"\A" };
    Regex::new(&format!("{case}{anchor}(?:{pattern})")).map_err(Box::new)
}

/// Code with nothing but blanks and comments is no code: the web editor sends such a default.
fn is_code(code: &str) -> bool {
    code.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#'))
}

pub(super) fn file_text(file: &Value) -> Result<String, String> {
    let content = text(file, "content")?;
    let encoded = content.rsplit('$').next().unwrap_or_default();
    let bytes = STANDARD.decode(encoded).map_err(|_| "The file is not base64.".to_owned())?;
    let text = String::from_utf8(bytes).map_err(|_| "The file is not UTF-8.".to_owned())?;
    Ok(strip(&text.replace("\r\n", "\n")).to_owned())
}
