//! Translations: a site reads `$i18n/LANGUAGE.mo` of a course and of a task whenever it opens these (reference
//! inginious.md 9.1, 9.10), and what does not begin as a catalogue does closes them to everybody.

/// The first bytes of a catalogue, in either order (GNU gettext, "The Format of GNU MO Files").
const MAGIC: [[u8; 4]; 2] = [[0xde, 0x12, 0x04, 0x95], [0x95, 0x04, 0x12, 0xde]];

/// Whether a site reads the file of this path as translations.
pub(crate) fn is_catalogue(path: &str) -> bool {
    let folder = path.strip_suffix(".mo").and_then(|path| path.rsplit_once('/'));
    folder.is_some_and(|(folder, _)| folder.rsplit('/').next() == Some("$i18n"))
}

/// Whether a site would fall over a catalogue.
pub(crate) fn is_broken(bytes: &[u8]) -> bool {
    !MAGIC.iter().any(|magic| bytes.starts_with(magic))
}
