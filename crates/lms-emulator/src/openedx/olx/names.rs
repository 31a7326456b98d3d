//! Names that the importer makes up or cleans.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::openedx::xml::Element;

/// Id of a static file: `/` and everything outside `[\w.%-]` become `_` (reference openedx.md 3.16, 5.7).
pub(crate) fn asset_name(path: &str) -> String {
    path.chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '_' | '.' | '%' | '-') { c } else { '_' })
        .collect()
}

/// The url_name of an element: its own, else from `slug`, `name` or `display_name`, else made up.
pub(super) fn url_name(element: &Element) -> String {
    let given =
        ["url_name", "slug"].iter().find_map(|name| element.attribute(name)).filter(|name| !name.is_empty());
    if let Some(name) = given {
        return name.to_owned();
    }
    let cleaned = ["name", "display_name"].iter().find_map(|name| element.attribute(name)).map(clean);
    cleaned.filter(|name| !name.is_empty()).unwrap_or_else(|| made_up(element))
}

/// `{tag}_{12 hex digits}` of the XML. The platform hashes with SHA-1; which digits come out is no
/// contract, so this uses the hash at hand.
pub(super) fn made_up(element: &Element) -> String {
    let digest = Sha256::digest(element.compact().as_bytes());
    let hex = digest.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    format!("{}_{hex}", element.name)
}

fn clean(name: &str) -> String {
    let mut out = String::new();
    for c in asset_name(name).chars() {
        if !(c == '_' && out.ends_with('_')) {
            out.push(c);
        }
    }
    out
}
