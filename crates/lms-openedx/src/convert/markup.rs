//! OLX text ↔ neutral markup: files are linked as `/static/NAME`, formulas stand in `\(…\)`,
//! `[mathjaxinline]`, `\[…\]` or `[mathjax]` (reference openedx.md 5.7, 5.8).

use std::collections::{BTreeMap, BTreeSet};

use lms_core::{AssetId, Course, Markup, MathDelimiters};

const INLINE: [MathDelimiters; 2] =
    [MathDelimiters::new("\\(", "\\)"), MathDelimiters::new("[mathjaxinline]", "[/mathjaxinline]")];
const DISPLAY: [MathDelimiters; 2] =
    [MathDelimiters::new("\\[", "\\]"), MathDelimiters::new("[mathjax]", "[/mathjax]")];

/// What the ids of files that lie outside `static/` begin with; their path follows.
pub(crate) const OUTSIDE: &str = "olx:";

/// The files of `static/`, found by the addresses that authors write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statics {
    names: BTreeSet<String>,
    /// By the name that Studio gives them: flat, odd characters as `_`.
    flat: BTreeMap<String, String>,
}

impl Statics {
    /// From paths below `static/`.
    pub(crate) fn new<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let names: BTreeSet<String> = paths.into_iter().map(str::to_owned).collect();
        let flat = names.iter().map(|name| (flat_name(name), name.clone())).collect();
        Self { names, flat }
    }

    /// Those of a course.
    pub(crate) fn of(course: &Course) -> Self {
        Self::new(course.assets.iter().map(|a| a.id.as_str()).filter(|id| !id.starts_with(OUTSIDE)))
    }

    /// The file that a name below `static/` means.
    pub(crate) fn find(&self, name: &str) -> Option<AssetId> {
        let known = |name: &str| {
            self.names
                .get(name)
                .or_else(|| self.flat.get(&flat_name(name)))
                .map(|n| AssetId::from(n.as_str()))
        };
        known(name).or_else(|| known(&percent_decoded(name)?))
    }

    /// The file that an address means.
    pub(crate) fn resolve(&self, link: &str) -> Option<AssetId> {
        let name = link.strip_prefix("/static/").or_else(|| {
            // Addresses of one course run, as Studio shows them to authors.
            let key = link.strip_prefix("/asset-v1:").or_else(|| link.strip_prefix("asset-v1:"));
            match key {
                Some(key) => key.split_once("type@asset+block@").map(|(_, name)| name),
                None => {
                    link.strip_prefix("/c4x/").and_then(|rest| rest.split_once("/asset/")).map(|(_, n)| n)
                }
            }
        })?;
        self.find(name)
    }
}

/// The name under which Studio keeps a file: no folders, `_` for what it does not take (reference openedx.md 3.16).
pub(crate) fn flat_name(path: &str) -> String {
    path.chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '%') { c } else { '_' })
        .collect()
}

fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let code = more.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = more.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// OLX text in the neutral form.
pub(crate) fn to_neutral(html: &str, statics: &Statics) -> Markup {
    let mut markup = Markup::from_html(html);
    // Most texts of a course have neither, and to take them apart is what reading spends its time on.
    if ["static", "asset", "c4x"].iter().any(|word| html.contains(word)) {
        markup = markup.map_links(|link| statics.resolve(link).map(|id| format!("asset:{id}")));
    }
    if INLINE.iter().chain(&DISPLAY).any(|delimiters| html.contains(delimiters.open)) {
        markup = markup.mark_math(&INLINE, &DISPLAY);
    }
    markup
}

/// The address of a file of the course.
pub(crate) fn address(id: &AssetId) -> String {
    format!("/static/{id}")
}

/// Neutral text as OLX writes it; `asset:ID` becomes `/static/ID`.
pub(crate) fn to_olx(markup: &Markup) -> String {
    // The letters of an address may be written as numbers.
    if ["asset:", "&#"].iter().any(|part| markup.html().contains(part)) {
        let change = |link: &str| link.strip_prefix("asset:").map(|id| address(&AssetId::from(id)));
        return spelled(&markup.map_links(change));
    }
    spelled(markup)
}

/// Neutral text with its formulas as OLX writes them; links stay neutral.
pub(crate) fn spelled(markup: &Markup) -> String {
    if !markup.html().contains("class=\"math ") {
        return markup.html().to_owned();
    }
    let spell = |latex: &str, display: bool| {
        if display { format!("\\[{latex}\\]") } else { format!("\\({latex}\\)") }
    };
    markup.spell_math(spell).html().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_and_formulas_are_marked() {
        let statics = Statics::new(["a b.png", "images/fig.png", "plain.pdf"]);
        let markup = to_neutral(
            "<img src=\"/static/a%20b.png\"/><img src='/static/images_fig.png'/><a href=\"/static/none.pdf\">x</a>\
             <a href=\"/asset-v1:O+C+R+type@asset+block@plain.pdf\">y</a> [mathjaxinline]x&lt;1[/mathjaxinline] \\[y\\]",
            &statics,
        );
        assert_eq!(
            markup.html(),
            "<img src=\"asset:a b.png\"/><img src='asset:images/fig.png'/><a href=\"/static/none.pdf\">x</a>\
             <a href=\"asset:plain.pdf\">y</a> <span class=\"math inline\">\\(x&lt;1\\)</span> \
             <span class=\"math display\">\\[y\\]</span>"
        );
        assert!(to_olx(&markup).ends_with("<a href=\"/static/plain.pdf\">y</a> \\(x&lt;1\\) \\[y\\]"));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(html in "(<p>|</p>|<img src=\"/static/f.png\">|\\\\\\(x\\\\\\)|\\\\\\[y\\\\\\]|[a-z &;$]){0,12}") {
            let statics = Statics::new(["f.png"]);
            let neutral = to_neutral(&html, &statics);
            prop_assert_eq!(to_neutral(&to_olx(&neutral), &statics), neutral);
        }
    }
}
