//! Pictures that stand in what the report shows, as `data:` addresses.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lms_core::{AssetId, CourseId, LmsProvider, LmsProviderExt, Result};

use super::Altered;
use crate::plan::linked_assets;

/// Bytes that one picture may have to be shown.
const ONE: u64 = 64 * 1024;
/// Bytes of all pictures together.
const ALL: usize = 2 * 1024 * 1024;

/// Pictures by file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pictures(HashMap<AssetId, String>);

impl Pictures {
    /// The `data:` address of a picture; `None` for what is no picture, too big, or was not read.
    pub(crate) fn get(&self, id: &AssetId) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }

    /// Reads the pictures of these blocks, as far as they fit. One that the source does not give is left
    /// out: the report shows its name.
    pub(crate) async fn read(
        altered: &[Altered],
        source: &dyn LmsProvider,
        course: &CourseId,
        sizes: &HashMap<AssetId, Option<u64>>,
    ) -> Result<Self> {
        let courses = source.require_courses()?;
        let mut pictures = Self::default();
        let mut room = ALL;
        let mut seen: HashMap<AssetId, ()> = HashMap::new();
        for id in altered.iter().flat_map(|item| linked_assets(&item.source)) {
            let small = sizes.get(&id).is_some_and(|size| size.is_none_or(|size| size <= ONE));
            if room == 0 || !small || !may_be_picture(&id) || seen.insert(id.clone(), ()).is_some() {
                continue;
            }
            let Ok(body) = courses.read_asset(course, &id).await else { continue };
            let Ok(bytes) = body.into_bytes(ONE).await else { continue };
            let Some(kind) = media_type(&bytes) else { continue };
            if bytes.len() > room {
                room = 0;
                continue;
            }
            room -= bytes.len();
            pictures.0.insert(id, format!("data:{kind};base64,{}", STANDARD.encode(&bytes)));
        }
        Ok(pictures)
    }
}

/// Whether a file's name leaves it open that it is a picture, so that no other is read for nothing.
fn may_be_picture(id: &AssetId) -> bool {
    let name = id.as_str().rsplit('/').next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((_, ending)) => {
            ["png", "jpg", "jpeg", "gif", "webp", "svg"].contains(&ending.to_lowercase().as_str())
        }
        None => true,
    }
}

/// What a picture is, by its first bytes.
fn media_type(bytes: &[u8]) -> Option<&'static str> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(256)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    Some(match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ if head.starts_with("<svg") || head.starts_with("<?xml") && head.contains("<svg") => {
            "image/svg+xml"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_bytes_say() {
        assert_eq!(media_type(b"\x89PNG\r\n"), Some("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media_type(b"\n<svg xmlns=''/>"), Some("image/svg+xml"));
        assert_eq!(media_type(b"<html><script>"), None);
        assert_eq!(media_type(b""), None);
        assert!(may_be_picture(&"a/b.PNG".into()) && may_be_picture(&"b".into()));
        assert!(!may_be_picture(&"a.png/b.zip".into()));
    }
}
