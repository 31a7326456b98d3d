//! How a block stood in its files, kept in its extras so that it can be written back to the byte.

use std::collections::BTreeMap;

use lms_core::{Extras, Platform};
use serde::{Deserialize, Serialize};

use super::native::Native;

/// How a block stood in its files.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// Its type: the tag in the parent.
    pub(crate) tag: String,
    /// Its `url_name`; empty where it had none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    /// The definition's text. Empty where the block itself keeps it (foreign blocks).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) source: String,
    /// The tag in the parent, where the definition is in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    /// The file the definition is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    /// Other files that belong to it: bodies, blocks in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) files: BTreeMap<String, String>,
    /// What `policy.json` sets of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) policy: BTreeMap<String, String>,
    /// Tries that it inherited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attempts: Option<u32>,
}

impl Origin {
    /// Where it is kept.
    pub(crate) const KEY: &str = Extras::ORIGIN;

    /// That of a native block, its definition included.
    pub(crate) fn of(native: &Native) -> Self {
        Self {
            tag: native.tag.clone(),
            name: native.name.clone().unwrap_or_default(),
            source: native.source.to_string(),
            reference: native.reference.as_deref().map(str::to_owned),
            file: native.file.as_deref().map(str::to_owned),
            files: owned(native.texts(false)),
            ..Self::default()
        }
    }

    /// Keeps it.
    pub(crate) fn keep(&self, extras: &mut Extras) {
        if let Ok(value) = serde_json::to_value(self) {
            extras.set(Platform::OpenEdx, Self::KEY, value);
        }
    }

    /// The one kept, if any.
    pub(crate) fn kept(extras: &Extras) -> Option<Self> {
        serde_json::from_value(extras.get(Platform::OpenEdx, Self::KEY)?.clone()).ok()
    }
}

fn owned(texts: BTreeMap<&str, &str>) -> BTreeMap<String, String> {
    texts.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect()
}
