//! The blocks of a unit.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lms_core::{
    Block, BlockBody, BlockId, Extras, Finding, Foreign, Markup, Platform, Severity, SourceFormat, TaskId,
    Text, Transcript, Video,
};
use serde_json::Value;

use super::super::capa::{self, Context, NoNeutralForm, Piece};
use super::super::native::{Native, State};
use super::super::origin::Origin;
use super::super::write::pointer;
use super::super::xml::{Element, markup, page};
use super::assets::BrokenLinks;
use super::{Around, Leaf};
use crate::convert::markup::{Statics, to_neutral, to_olx};
use crate::olx::capa::plain_value;

/// Extras of an exercise: its input in the problem's answers, `2_1`.
pub(crate) const INPUT: &str = "input";
/// Extras of the second and further blocks that one problem became: the first one's id.
pub(crate) const PART_OF: &str = lms_core::Extras::PART_OF;

/// What a native block is in the neutral form.
#[derive(Default)]
pub(super) struct Read {
    /// One block, or several for a problem with several inputs.
    pub(super) blocks: Vec<Block>,
    pub(super) findings: Vec<Finding>,
    pub(super) links: Vec<BrokenLinks>,
}

/// Reads one native block.
pub(super) fn read(leaf: &Leaf, around: &Around) -> Read {
    let mut read = Read::default();
    read.blocks = blocks(leaf, around, &mut read.findings);
    read.links = read.blocks.iter_mut().filter_map(BrokenLinks::of).collect();
    read
}

/// Settings that hide a block from learners, or from some.
const HIDING: [&str; 2] = ["visible_to_staff_only", "group_access"];

/// Settings of a problem by which an answer may count for less, or is not told, with what they are where nobody set them
/// and what another platform does without them (reference openedx.md 3.10).
const COUNTING: [(&str, &str, &str); 5] = [
    (
        "grading_method",
        "last_score",
        "elsewhere the platform's own rule says which try counts: marks may be higher",
    ),
    ("due", "", "elsewhere the dates of its unit alone count: a later answer may still earn marks"),
    ("start", "", "elsewhere the dates of its unit alone count: it may be answered earlier"),
    ("submission_wait_seconds", "0", "elsewhere the next try may come at once"),
    ("show_correctness", "always", "elsewhere learners are told what is right"),
];

fn blocks(leaf: &Leaf, around: &Around, findings: &mut Vec<Finding>) -> Vec<Block> {
    let Leaf { native, id, .. } = leaf;
    let find = |severity, why: String| {
        let what = native.tag.as_str();
        Finding::new(severity, native.place.to_string(), what, why).with_block(&BlockId::from(id.as_str()))
    };
    let gone = match &native.state {
        State::Whole => None,
        State::Missing(file) => Some(format!("{file} is not there: Open edX drops the block")),
        State::Broken(fault) => Some(format!("not well-formed XML: {}", fault.what)),
    };
    if let Some(why) = gone {
        findings.push(find(Severity::Dropped, why));
        return vec![foreign(leaf, around)];
    }
    let element = overlaid(&native.element, &policy_of(around, native, &HIDING));
    let is_set = |value: &str| !matches!(value.trim(), "" | "false" | "False" | "null" | "{}");
    for field in HIDING {
        if element.get(field).is_some_and(|value| is_set(plain_value(value))) {
            let why = "it hides the block from learners, or from some, which other platforms cannot be told";
            let hidden = Finding::new(Severity::Approximated, native.place.to_string(), field, why);
            let hidden = hidden.with_fallback("kept for Open edX; elsewhere all learners see the block");
            findings.push(hidden.with_block(&BlockId::from(id.as_str())).kept_on(Platform::OpenEdx));
        }
    }
    if native.tag == "problem" {
        let element =
            overlaid(&native.element, &policy_of(around, native, &COUNTING.map(|(field, ..)| field)));
        for (field, usual, elsewhere) in COUNTING {
            let value = element.get(field).map(plain_value).unwrap_or_default();
            if value == usual || matches!(value, "" | "null") {
                continue;
            }
            let why = "it is a setting of this problem, which other platforms cannot be told";
            let own = Finding::new(Severity::Approximated, native.place.to_string(), field, why);
            let own = own.with_fallback(format!("kept for Open edX; {elsewhere}"));
            findings.push(own.with_block(&BlockId::from(id.as_str())).kept_on(Platform::OpenEdx));
        }
    }
    match native.tag.as_str() {
        "html" => vec![html(leaf, around)],
        "video" => vec![video(leaf, around)],
        "problem" => problem(leaf, around, findings).unwrap_or_else(|why| {
            let kept = find(Severity::Exact, why.0).with_fallback("kept as it is, for Open edX alone");
            findings.push(kept);
            vec![foreign(leaf, around)]
        }),
        _ => vec![foreign(leaf, around)],
    }
}

/// A block's title. Old courses call it `name`, and the platform's own types still read that (a real Studio's export of
/// such a course has `display_name` for it); of other XBlocks it may be anything.
pub(crate) fn title_of(element: &Element) -> &str {
    const OWN: [&str; 8] =
        ["html", "video", "problem", "discussion", "poll_question", "word_cloud", "annotatable", "lti"];
    let old = || element.get("name").filter(|_| OWN.contains(&element.name.as_str()));
    element.get("display_name").or_else(old).unwrap_or_default()
}

/// A block kept as it is.
fn foreign(leaf: &Leaf, around: &Around) -> Block {
    let native = &leaf.native;
    let readable = match native.tag.as_str() {
        "openassessment" => prompts(&native.element, &around.statics),
        _ if native.state != State::Whole || !native.children.is_empty() => Markup::default(),
        _ => capa::readable(&native.element, &around.statics),
    };
    let mut origin = Origin::of(native);
    let source = std::mem::take(&mut origin.source);
    let points = match native.tag.as_str() {
        "openassessment" => rubric_points(&native.element),
        _ => native.element.get("weight").and_then(|w| plain_value(w).parse().ok()),
    };
    let body = BlockBody::Foreign(Foreign {
        platform: Platform::OpenEdx,
        name: native.tag.clone(),
        format: SourceFormat::Xml,
        source,
        readable,
        points,
    });
    let mut block = Block::new(leaf.id.as_str(), body);
    origin.policy = policy_of(around, native, &["display_name"]);
    block.title = title_of(&overlaid(&native.element, &origin.policy)).to_owned();
    origin.keep(&mut block.extras);
    block
}

/// What an assessment is worth: of each criterion the option with the most points.
fn rubric_points(element: &Element) -> Option<f64> {
    let criteria = element.descendants().into_iter().filter(|e| e.name == "criterion");
    let most = criteria.filter_map(|criterion| {
        let options = criterion.descendants().into_iter().filter(|e| e.name == "option");
        options.filter_map(|option| option.get("points")?.trim().parse::<f64>().ok()).reduce(f64::max)
    });
    most.reduce(|sum, points| sum + points)
}

/// Title and prompts of an assessment. A prompt is HTML where `prompts_type` says so, else plain text.
pub(crate) fn prompts(element: &Element, statics: &Statics) -> Markup {
    let is_html = element.get("prompts_type").is_some_and(|kind| plain_value(kind) == "html");
    let said = element.descendants().into_iter().filter(|e| e.name == "description" || e.name == "title");
    let text = said.map(|e| (e, e.all_text())).filter(|(_, text)| !text.trim().is_empty());
    let text: String = text
        .map(|(e, text)| match e.name.as_str() {
            "description" if is_html => text,
            _ => format!("<p>{}</p>", lms_core::escape(&text)),
        })
        .collect();
    to_neutral(&text, statics)
}

/// Title and text of an html block.
pub(crate) fn read_html(element: &Element, body: Option<&str>, statics: &Statics) -> (String, Markup) {
    let title = title_of(element).to_owned();
    let text = match body {
        Some(body) => to_neutral(body, statics),
        None => to_neutral(&page(element), statics),
    };
    (title, text)
}

fn html(leaf: &Leaf, around: &Around) -> Block {
    let native = &leaf.native;
    let body = native.body.as_ref().map(|(_, text)| &**text);
    let policy = policy_of(around, native, &["display_name"]);
    let (title, text) = read_html(&overlaid(&native.element, &policy), body, &around.statics);
    let origin = if policy.is_empty() && is_usual_pair(native, &title, &text) {
        // What the writer makes of the block anyway.
        Origin { tag: native.tag.clone(), name: native.name.clone().unwrap_or_default(), ..Origin::default() }
    } else {
        Origin { policy, ..Origin::of(native) }
    };
    let mut block = Block::new(leaf.id.as_str(), BlockBody::Text(Text { markup: text }));
    block.title = title;
    origin.keep(&mut block.extras);
    block
}

/// Whether a page stands in its two files exactly as the writer would put it there.
fn is_usual_pair(native: &Native, title: &str, text: &Markup) -> bool {
    let (Some(name), Some((body, was))) = (&native.name, &native.body) else { return false };
    let mut element = Element::new("html").with("filename", name);
    if !title.is_empty() {
        element.set("display_name", title);
    }
    *body == format!("html/{name}.html")
        && native.file.as_deref().is_some_and(|file| file == format!("html/{name}.xml"))
        && native.reference.as_deref().is_some_and(|tag| *tag == pointer("html", name))
        && *native.source == markup(&element) + "\n"
        && **was == *to_olx(text)
}

/// What of a video's attributes is read.
const VIDEO_SETTINGS: [&str; 7] =
    ["display_name", "youtube_id_1_0", "youtube", "source", "html5_sources", "sub", "transcripts"];

/// Title and body of a video block.
pub(crate) fn read_video(element: &Element, statics: &Statics) -> (String, Video) {
    let attribute = |key: &str| element.get(key).map(plain_value).filter(|value| !value.is_empty());
    let asset = |name: &str| statics.find(name.strip_prefix("/static/").unwrap_or(name));
    let mut sources: Vec<String> = Vec::new();
    let mut add = |source: &str| {
        let source = match source.strip_prefix("/static/").and_then(asset) {
            Some(id) => format!("asset:{id}"),
            None => source.to_owned(),
        };
        if !source.is_empty() && !sources.contains(&source) {
            sources.push(source);
        }
    };
    for source in element.named("source").filter_map(|s| s.get("src")) {
        add(source);
    }
    if let Some(Ok(Value::Array(list))) = element.get("html5_sources").map(serde_json::from_str) {
        list.iter().filter_map(Value::as_str).for_each(&mut add);
    }
    attribute("source").into_iter().for_each(&mut add);
    let youtube = attribute("youtube_id_1_0").map(str::to_owned).or_else(|| {
        attribute("youtube")?.split(',').find_map(|pair| pair.trim().strip_prefix("1.00:")).map(str::to_owned)
    });
    let mut transcripts: Vec<Transcript> = Vec::new();
    let mut transcript = |language: &str, file: &str| {
        if let Some(asset) = asset(file).filter(|_| transcripts.iter().all(|t| t.language != language)) {
            transcripts.push(Transcript { language: language.to_owned(), asset });
        }
    };
    if let Some(Ok(Value::Object(map))) = element.get("transcripts").map(serde_json::from_str) {
        map.iter().for_each(|(language, file)| transcript(language, file.as_str().unwrap_or_default()));
    }
    for element in element.named("transcript") {
        transcript(element.get("language").unwrap_or_default(), element.get("src").unwrap_or_default());
    }
    if let Some(sub) = attribute("sub") {
        transcript("en", &format!("subs_{sub}.srt.sjson"));
    }
    let seconds = element
        .first("video_asset")
        .and_then(|asset| asset.get("duration"))
        .and_then(|text| text.parse().ok())
        .filter(|seconds: &f64| *seconds > 0.0);
    let video = Video { sources, youtube, seconds, poster: None, transcripts, caption: Markup::default() };
    (title_of(element).to_owned(), video)
}

fn video(leaf: &Leaf, around: &Around) -> Block {
    let native = &leaf.native;
    let policy = policy_of(around, native, &VIDEO_SETTINGS);
    let (title, video) = read_video(&overlaid(&native.element, &policy), &around.statics);
    let mut block = Block::new(leaf.id.as_str(), BlockBody::Video(video));
    block.title = title;
    Origin { policy, ..Origin::of(native) }.keep(&mut block.extras);
    block
}

/// The blocks of a problem, ids and extras included.
fn problem(leaf: &Leaf, around: &Around, findings: &mut Vec<Finding>) -> Result<Vec<Block>, NoNeutralForm> {
    let Leaf { native, id, inherited, .. } = leaf;
    let task = TaskId::from(id.strip_prefix("problem/").unwrap_or(id));
    let context = Context { statics: &around.statics, task, attempts: inherited.attempts };
    let policy = policy_of(around, native, &["display_name", "max_attempts", "weight"]);
    let (mut blocks, lost) = read_problem(&overlaid(&native.element, &policy), id, &context)?;
    for what in lost {
        let why = "the neutral form has no place for it";
        let finding = Finding::new(Severity::Approximated, native.place.to_string(), what, why);
        let kept = "kept for writing the problem back to Open edX";
        findings.push(finding.with_block(&BlockId::from(id.as_str())).with_fallback(kept));
    }
    if let Some(first) = blocks.first_mut() {
        Origin { policy, attempts: inherited.attempts, ..Origin::of(native) }.keep(&mut first.extras);
    }
    Ok(blocks)
}

/// What of these settings `policy.json` sets of a block; it wins over the attributes (reference openedx.md 5.3). `null`
/// takes a setting away.
fn policy_of(around: &Around, native: &Native, keys: &[&str]) -> BTreeMap<String, String> {
    let Some(Value::Object(policy)) = around.policies.get(&format!("{}/{}", native.tag, native.known_as()))
    else {
        return BTreeMap::new();
    };
    let set = |key: &str| match policy.get(key)? {
        Value::Null => Some((key.to_owned(), String::new())),
        Value::String(text) => Some((key.to_owned(), text.clone())),
        value => Some((key.to_owned(), value.to_string())),
    };
    keys.iter().filter_map(|key| set(key)).collect()
}

/// A definition with the settings that win over it.
pub(crate) fn overlaid<'a>(element: &'a Element, policy: &BTreeMap<String, String>) -> Cow<'a, Element> {
    let mut element = Cow::Borrowed(element);
    for (key, value) in policy {
        element.to_mut().set(key, value);
    }
    element
}

/// The blocks of a problem's definition, and what of it is not in them.
///
/// # Errors
/// Why it has no neutral form.
pub(crate) fn read_problem(
    problem: &Element,
    id: &str,
    context: &Context<'_>,
) -> Result<(Vec<Block>, Vec<String>), NoNeutralForm> {
    let read = capa::read(problem, context)?;
    let title = title_of(problem);
    let blocks = read
        .pieces
        .into_iter()
        .enumerate()
        .map(|(n, piece)| {
            let mut extras = Extras::new();
            let body = match piece {
                Piece::Text(markup) => BlockBody::Text(Text { markup }),
                Piece::Exercise { input, exercise } => {
                    extras.set(Platform::OpenEdx, INPUT, input);
                    BlockBody::Exercise(exercise)
                }
            };
            let mut block = match n {
                0 => Block::new(id, body),
                n => Block::new(format!("{id}#{}", n + 1), body),
            };
            if n == 0 {
                block.title = title.to_owned();
            } else {
                extras.set(Platform::OpenEdx, PART_OF, id);
            }
            block.extras = extras;
            block
        })
        .collect();
    Ok((blocks, read.lost))
}
