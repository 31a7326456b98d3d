//! What courses from before Studio say otherwise, as a real one took it.

use super::kinds::{Category, category};
use crate::openedx::keys::BlockId;
use crate::openedx::xml::{Element, Node};

/// The display name was called `name` (seen: platform-conditional), a discussion's fields otherwise (seen:
/// platform-xml-dag).
pub(super) fn rename(element: &mut Element, id: &BlockId) {
    let mut old = Vec::new();
    if id.kind == "discussion" {
        old.extend([("id", "discussion_id"), ("for", "discussion_target")]);
    }
    if id.kind == "discussion" || category(&id.kind) != Some(Category::Pure) {
        old.push(("name", "display_name"));
    }
    for (old, new) in old {
        if let Some(value) = element.remove(old)
            && element.attribute(new).is_none()
        {
            element.set(new, value);
        }
    }
}

/// What a conditional shows is among its children, too; its keys stand without spaces, and it always has a message
/// (seen: platform-conditional).
pub(super) fn conditional(own: &mut Element, children: &mut Vec<BlockId>) {
    let keys = |element: &Element| -> Vec<String> {
        let sources = element.attribute("sources").unwrap_or_default();
        sources.split(';').map(|key| key.trim().to_owned()).filter(|key| !key.is_empty()).collect()
    };
    let sources = keys(own).join(";");
    own.set("sources", sources);
    if own.attribute("message").is_none() {
        own.set("message", "");
    }
    for node in &mut own.children {
        let Node::Element(show) = node else { continue };
        let named = keys(show);
        show.set("sources", named.join(";"));
        for key in &named {
            let id = key.rsplit_once('/').and_then(|(rest, name)| {
                let (_, kind) = rest.rsplit_once('/')?;
                Some(BlockId::new(kind, name))
            });
            children.extend(id.filter(|id| !children.contains(id)));
        }
    }
}
