//! Videos.

use lms_core::{AssetId, Block, Video};
use serde_json::{Map, Value};

use super::Writer;
use super::kept::before;
use crate::convert::markup::address;
use crate::olx::read::read_video;
use crate::olx::xml::{Element, Node};

/// Attributes that say where on YouTube a video is.
const YOUTUBE: [&str; 2] = ["youtube", "youtube_id_1_0"];
/// Attributes that say where its files are.
const SOURCES: [&str; 2] = ["source", "html5_sources"];
/// Attributes that name its transcripts.
const TRANSCRIPTS: [&str; 2] = ["sub", "transcripts"];
/// Other versions of the video, which win over the addresses or stand beside them.
const VERSIONS: [&str; 4] = ["edx_video_id", "youtube_id_0_75", "youtube_id_1_25", "youtube_id_1_5"];
/// Children that say the same as the attributes.
const CHILDREN: [&str; 3] = ["source", "transcript", "video_asset"];

impl Writer {
    /// A video: what is said of it, and of its definition what has not changed or the model does not know.
    pub(super) fn video_element(&self, block: &Block, video: &Video) -> Element {
        let was = before(block, "video").unwrap_or_else(|| Element::new("video"));
        let (_, old) = read_video(&was, &self.statics);
        let same_youtube = old.youtube == video.youtube;
        let same_sources = old.sources == video.sources;
        let same_transcripts = old.transcripts == video.transcripts;
        let mut element = Element::new("video");
        for (key, value) in &was.attributes {
            let key = key.as_str();
            let goes = matches!(key, "url_name" | "slug" | "name" | "filename" | "display_name")
                || YOUTUBE.contains(&key) && !same_youtube
                || SOURCES.contains(&key) && !same_sources
                || TRANSCRIPTS.contains(&key) && !same_transcripts
                || VERSIONS.contains(&key) && !(same_youtube && same_sources);
            if !goes {
                element.set(key, value.clone());
            }
        }
        if !block.title.is_empty() {
            element.set("display_name", &block.title);
        }
        if let Some(id) = video.youtube.as_ref().filter(|_| !same_youtube) {
            element.set("youtube", format!("1.00:{id}"));
            element.set("youtube_id_1_0", id);
        }
        let stays = |name: &str| match name {
            "source" => same_sources,
            "transcript" => same_transcripts,
            "video_asset" => old.seconds == video.seconds,
            _ => true,
        };
        let kept = was.children.iter().filter(|node| node.element().is_some_and(|child| stays(&child.name)));
        let (known, other): (Vec<&Node>, Vec<&Node>) = kept
            .partition(|node| node.element().is_some_and(|child| CHILDREN.contains(&child.name.as_str())));
        element.children.extend(known.into_iter().cloned());
        if !same_sources {
            sources(&mut element, &video.sources);
        }
        if !same_transcripts {
            let map: Map<String, Value> = video
                .transcripts
                .iter()
                .map(|t| (t.language.clone(), Value::from(t.asset.as_str())))
                .collect();
            if !map.is_empty() {
                element.set("transcripts", Value::Object(map).to_string());
            }
            for transcript in &video.transcripts {
                let child = Element::new("transcript").with("language", &transcript.language);
                element = element.child(child.with("src", transcript.asset.as_str()));
            }
        }
        if let Some(seconds) = video.seconds.filter(|_| old.seconds != video.seconds) {
            let asset =
                Element::new("video_asset").with("client_video_id", "").with("duration", seconds.to_string());
            element = element.child(asset);
        }
        element.children.extend(other.into_iter().cloned());
        element
    }
}

fn sources(element: &mut Element, sources: &[String]) {
    let sources: Vec<String> = sources
        .iter()
        .map(|source| match source.strip_prefix("asset:") {
            Some(id) => address(&AssetId::from(id)),
            None => source.clone(),
        })
        .collect();
    if sources.is_empty() {
        return;
    }
    element.set("html5_sources", Value::from(sources.clone()).to_string());
    for source in &sources {
        element.children.push(Node::Element(Element::new("source").with("src", source)));
    }
}
