//! `lms.toml`, strictly read: what is not known is an error that says what was meant, and on which line.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use lms_core::{Error, ErrorKind, Platform, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys;

/// The file.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// Remotes by name.
    pub(crate) remotes: BTreeMap<String, BTreeMap<String, Written>>,
}

/// A value, and where it is written.
#[derive(Clone)]
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) line: usize,
}

// It may be a secret.
impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Written").field("line", &self.line).finish_non_exhaustive()
    }
}

/// Reads the file; one that is not there is empty.
///
/// # Errors
/// `Config`, with the file and the line. What is written there is not quoted: it may be a secret.
pub(crate) fn read(path: &Path) -> Result<File> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text, path),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(File::default()),
        Err(e) => Err(Error::new(ErrorKind::Config, "the configuration cannot be read")
            .on(path.display())
            .with_source(e)),
    }
}

/// As [`read`], of a text.
pub(crate) fn parse(text: &str, path: &Path) -> Result<File> {
    let reader = Reader { text, path };
    let document = DeTable::parse(text).map_err(|e| {
        reader.wrong(
            e.span().unwrap_or(0..0),
            format!("this is no TOML: {} (texts stand in quotes)", e.message()),
        )
    })?;
    let mut file = File::default();
    for (key, value) in document.get_ref() {
        if key.get_ref() != "remotes" {
            let meant = keys::nearest_of(key.get_ref(), ["remotes"]);
            let meant =
                meant.map_or("the file holds [remotes.NAME] tables", |_| "did you mean [remotes.NAME]?");
            return Err(reader.wrong(key.span(), format!("`{}` is not known; {meant}", key.get_ref())));
        }
        for (name, table) in reader.table(value, "remotes")? {
            file.remotes.insert(name.get_ref().to_string(), reader.remote(name, table)?);
        }
    }
    Ok(file)
}

struct Reader<'a> {
    text: &'a str,
    path: &'a Path,
}

impl Reader<'_> {
    fn line(&self, span: &Range<usize>) -> usize {
        self.text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
    }

    fn wrong(&self, span: Range<usize>, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Config, message).on(format!("{}:{}", self.path.display(), self.line(&span)))
    }

    fn table<'t>(&self, value: &'t Spanned<DeValue<'_>>, what: &str) -> Result<&'t DeTable<'t>> {
        value
            .get_ref()
            .as_table()
            .ok_or_else(|| self.wrong(value.span(), format!("`{what}` must be a table: [remotes.NAME]")))
    }

    fn remote(
        &self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        table: &Spanned<DeValue<'_>>,
    ) -> Result<BTreeMap<String, Written>> {
        if !super::is_name(name.get_ref()) {
            let message = format!("`{}` is no name of a remote: {}", name.get_ref(), super::NAMES);
            return Err(self.wrong(name.span(), message));
        }
        let mut settings: BTreeMap<String, Written> = BTreeMap::new();
        let mut spans = Vec::new();
        for (key, value) in self.table(table, name.get_ref())? {
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                DeValue::Boolean(truth) => truth.to_string(),
                _ => {
                    let message = format!("`{}` must be a text, a number or true/false", key.get_ref());
                    return Err(self.wrong(value.span(), message));
                }
            };
            let key_text = key.get_ref().to_string();
            let base = keys::split(&key_text).0;
            if let Some(twice) = settings.keys().find(|other| keys::split(other).0 == base) {
                let message = format!("`{key_text}` and `{twice}` say the same: keep one");
                return Err(self.wrong(key.span(), message));
            }
            spans.push((key_text.clone(), key.span()));
            settings.insert(key_text, Written { text, line: self.line(&key.span()) });
        }
        let platform = match settings.get(keys::PLATFORM) {
            Some(platform) => super::platform(&platform.text).ok_or_else(|| {
                let span = spans.iter().find(|(key, _)| key == keys::PLATFORM).map(|(_, span)| span.clone());
                self.wrong(span.unwrap_or_else(|| table.span()), super::no_platform(&platform.text))
            })?,
            None => super::platform(name.get_ref()).ok_or_else(|| {
                let message = format!(
                    "[remotes.{}] says no platform: add platform = \"stepik\", \"openedx\" or \"inginious\"",
                    name.get_ref()
                );
                self.wrong(name.span(), message)
            })?,
        };
        for (key, span) in spans {
            if !keys::is_known(platform, &key) {
                return Err(self.wrong(span, unknown(platform, &key)));
            }
        }
        Ok(settings)
    }
}

/// What is said of a setting that is not known.
pub(crate) fn unknown(platform: Platform, key: &str) -> String {
    match keys::nearest(platform, key) {
        Some(meant) => format!("{platform} has no setting `{key}`; did you mean `{meant}`?"),
        None => {
            format!("{platform} has no setting `{key}`; it has {}", keys::of(platform).join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        let error = parse(text, Path::new("lms.toml")).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Config);
        format!("{error} {error:?}")
    }

    #[test]
    fn a_fault_names_the_line_and_what_was_meant_and_shows_no_value() {
        for (text, line, says) in [
            ("[remotes.work]\nplatform = \"stepik\"\nclient_secret = hunter2\n", 3, "no TOML"),
            ("[remote.work]\nplatform = \"stepik\"\n", 1, "did you mean [remotes.NAME]?"),
            ("# mine\n[remotes.work]\nplatform = \"stepic\"\n", 3, "did you mean `stepik`?"),
            ("[remotes.work]\nurl = \"https://x\"\n", 1, "says no platform"),
            ("[remotes.work]\nplatform = \"openedx\"\n\nlms_ulr = \"x\"\n", 4, "did you mean `lms_url`?"),
            ("[remotes.stepik]\npasword = \"hunter2\"\n", 2, "did you mean `password`?"),
            ("[remotes.stepik]\npassword = [\"hunter2\"]\n", 2, "must be a text"),
            ("[remotes.stepik]\ntoken = \"hunter2\"\ntoken_env = \"T\"\n", 3, "say the same"),
            ("[remotes.\"a b\"]\nplatform = \"stepik\"\n", 1, "no name of a remote"),
            ("remotes = 3\n", 1, "must be a table"),
        ] {
            let message = fault(text);
            assert!(message.contains(&format!("lms.toml:{line}")), "{message}");
            assert!(message.contains(says), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn values_come_with_their_lines() {
        let text = "[remotes.work]\nplatform = \"stepik\"\nready_timeout = 30\n";
        let file = parse(text, Path::new("lms.toml")).expect("a file");
        let work = &file.remotes["work"];
        assert_eq!((work["ready_timeout"].text.as_str(), work["ready_timeout"].line), ("30", 3));
        assert!(!format!("{file:?}").contains("stepik"), "values may be secrets");
    }
}
