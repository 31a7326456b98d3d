//! What Stepik can hold of a course.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use lms_core::{
    AdaptLog, Adapted, Asset, AssetRole, Block, BlockBody, BlockPlace, Course, Extras, Finding, Lesson,
    Place, Platform, Section, Severity, Step, StepId,
};
use serde_json::{Value, json};
use url::Url;

use super::titles::titled;
use super::{
    Losses, Site, course_payload, lesson_payload, read_course, read_lesson, read_section, read_step,
    section_payload, unit_payload, write_block,
};
use crate::wire;

/// Most that points are multiplied by to make them whole.
const MOST_FACTOR: u32 = 360;
/// What points are multiplied by where that does not make them whole: rounding then changes little.
const ROUNDING_FACTOR: u32 = 100;

/// Writes every node as JSON and reads it back: what comes of it is what Stepik can hold.
pub(crate) fn adapt(base: &Url, course: &Course) -> Adapted {
    let site = Site::new(base.clone());
    let mut log = AdaptLog::new();
    let mut settings = Settings::default();
    let factor = whole_factor(course);
    if factor > 1 {
        log.note(
            Finding::new(Severity::Approximated, "course", "points", "Stepik counts in whole points")
                .with_fallback(format!(
                    "all points are multiplied by {factor}, so that exercises keep their shares of the whole"
                )),
        );
    }
    let given = course;
    let course = &titled(given, &mut log);
    let mut adapted = header(base, course, &mut log);
    settings.extras(&course.extras);
    if course.grading.is_some() {
        log.note(dropped(
            "course",
            "grading policy",
            "Stepik has no kinds of graded work and no shares of the mark",
        ));
    }
    let mut ids: HashSet<StepId> = course.steps().map(|step| step.id.clone()).collect();
    // Paths are those of the source, whose titles may be others.
    for (s, (section, from)) in course.sections.iter().zip(&given.sections).enumerate() {
        let mut section_to = section_of(&site, section);
        let at = Place::course().child(s + 1, &from.title);
        settings.extras(&section.extras);
        name_fields(&section.extras, &at, &mut log);
        let above = from;
        for (l, (lesson, from)) in section.lessons.iter().zip(&from.lessons).enumerate() {
            let mut lesson_to = lesson_of(lesson, adapted.language.as_deref());
            settings.extras(&lesson.extras);
            let at = at.child(l + 1, &from.title);
            name_fields(&lesson.extras, &at, &mut log);
            name_category(lesson, &at, &mut log);
            for (t, step) in lesson.steps.iter().enumerate() {
                settings.extras(&step.extras);
                let at = at.child(t + 1, &step.title);
                name_fields(&step.extras, &at, &mut log);
                name_step(step, &at, &mut log);
                for (b, block) in step.blocks.iter().enumerate() {
                    let place = BlockPlace {
                        section: (s + 1, above),
                        lesson: (l + 1, from),
                        step: (t + 1, step),
                        block: (b + 1, block),
                    };
                    settings.extras(&block.extras);
                    if !block.title.trim().is_empty() {
                        let at = place.place().to_string();
                        let title = approximated(
                            &at,
                            "title",
                            "steps of Stepik have no titles",
                            "a heading in the text",
                        );
                        log.note(title);
                    }
                    let id = if b == 0 { step.id.clone() } else { split_id(&step.id, &mut ids) };
                    let mut step_to = Step::new(id, "");
                    step_to.blocks.push(block_of(&site, &place, factor, &mut log));
                    log.carry(&block.id, [block.id.clone()]);
                    lesson_to.steps.push(step_to);
                }
            }
            section_to.lessons.push(lesson_to);
        }
        adapted.sections.push(section_to);
    }
    adapted.assets = assets(course, &mut log);
    if adapted.cover.as_ref().is_some_and(|cover| !adapted.assets.iter().any(|asset| asset.id == *cover)) {
        adapted.cover = None;
        log.note(dropped("course", "cover", "the file of the cover is not among the files of the course"));
    }
    settings.name(&mut log);
    log.finish(adapted)
}

fn header(base: &Url, course: &Course, log: &mut AdaptLog) -> Course {
    let mut course = course.header();
    // Stepik knows languages without region: `en`, `ru` (reference stepik.md 3.3).
    if let Some(tag) = &course.language
        && let Some((language, _)) = tag.split_once(['-', '_'])
    {
        log.note(approximated(
            "course",
            "language",
            "Stepik has languages without region",
            "the language alone",
        ));
        course.language = Some(language.to_lowercase());
    }
    let mut payload = course_payload(&course);
    payload.insert("id".into(), json!(0));
    let mut losses = Losses::default();
    let mut read = match serde_json::from_value::<wire::Course>(Value::Object(payload)) {
        Ok(native) => read_course(base, &native, &mut losses),
        Err(_) => course.clone(),
    };
    read.id = course.id;
    read.cover = course.cover;
    read.language = course.language;
    read
}

fn section_of(site: &Site, section: &Section) -> Section {
    let mut payload = section_payload(section, 0, 1);
    payload.insert("id".into(), json!(0));
    let native = serde_json::from_value::<wire::Section>(Value::Object(payload));
    let read = native.map(|native| read_section(site, &native, &mut Losses::default()));
    let mut read = read.unwrap_or_else(|_| Section::new(section.id.clone(), section.title.as_str()));
    read.id = section.id.clone();
    read
}

fn lesson_of(lesson: &Lesson, language: Option<&str>) -> Lesson {
    let mut native = lesson_payload(lesson, language);
    native.insert("id".into(), json!(0));
    let mut unit = unit_payload(&lesson.schedule, &lesson.extras, 0, 0, 1);
    unit.insert("id".into(), json!(0));
    let native = serde_json::from_value::<wire::Lesson>(Value::Object(native));
    let unit = serde_json::from_value::<wire::Unit>(Value::Object(unit));
    let mut read = match (native, unit) {
        (Ok(native), Ok(unit)) => read_lesson(&native, &unit, language),
        _ => Lesson::new(lesson.id.clone(), lesson.title.as_str()),
    };
    read.id = lesson.id.clone();
    read
}

fn block_of(site: &Site, place: &BlockPlace<'_>, factor: u32, log: &mut AdaptLog) -> Block {
    let (block, step) = (place.block.1, place.step.1);
    let mut losses = Losses::default();
    if let Some(exercise) = block.exercise()
        && step.blocks.iter().filter_map(Block::exercise).filter(|e| e.task == exercise.task).count() > 1
    {
        losses.approximated(
            "exercises that are answered together",
            "a step of Stepik has one quiz",
            "each is answered and marked on its own",
        );
    }
    let native = write_block(&scaled(block, factor), &mut losses);
    let read = match serde_json::from_value::<wire::Step>(native.payload(0, 1)) {
        Ok(step) => read_step(site, &block.id, &step, &mut Losses::default()),
        Err(_) => block.clone(),
    };
    losses.log(log, place);
    read
}

/// The least number that makes all points whole, or nearly so.
fn whole_factor(course: &Course) -> u32 {
    let points: Vec<f64> = course.blocks().filter_map(|place| points(place.block.1)).collect();
    let whole = |n: f64| (n - n.round()).abs() < 1e-6;
    let whole_by = |factor: &u32| points.iter().all(|p| whole(p * f64::from(*factor)));
    (1..=MOST_FACTOR).find(whole_by).unwrap_or(ROUNDING_FACTOR)
}

fn points(block: &Block) -> Option<f64> {
    let points = match &block.body {
        BlockBody::Exercise(exercise) => exercise.scoring.points,
        BlockBody::Foreign(foreign) if foreign.platform == Platform::Stepik => foreign.points?,
        _ => return None,
    };
    (points.is_finite() && points > 0.0).then_some(points)
}

fn scaled(block: &Block, factor: u32) -> Block {
    let mut block = block.clone();
    // What a third comes to is a whole number all the same.
    let scale = |points: f64| {
        let scaled = points * f64::from(factor);
        if (scaled - scaled.round()).abs() < 1e-6 { scaled.round() } else { scaled }
    };
    match &mut block.body {
        BlockBody::Exercise(exercise) => exercise.scoring.points = scale(exercise.scoring.points),
        BlockBody::Foreign(foreign) => foreign.points = foreign.points.map(scale),
        _ => {}
    }
    block
}

fn split_id(id: &StepId, ids: &mut HashSet<StepId>) -> StepId {
    let free = (2u32..).map(|n| StepId::from(format!("{id}~{n}"))).find(|id| !ids.contains(id));
    let free = free.unwrap_or_else(|| id.clone());
    ids.insert(free.clone());
    free
}

/// Attachments are public and have no folders (reference stepik.md 3.15). What means something in an address is
/// no part of their names: the links to them would lead elsewhere.
fn assets(course: &Course, log: &mut AdaptLog) -> Vec<Asset> {
    let mut kept: Vec<Asset> = Vec::new();
    let text = serde_json::to_string(course).unwrap_or_default();
    let linked = |asset: &Asset| {
        let link = serde_json::to_string(&format!("asset:{}", asset.id)).unwrap_or_default();
        text.contains(link.trim_matches('"'))
    };
    let mut names: BTreeSet<String> = BTreeSet::new();
    for asset in &course.assets {
        let at = asset.place();
        if asset.role == AssetRole::Grader {
            let why = "every attachment of a Stepik course can be downloaded by learners";
            log.note(dropped(&at, "file of a grader", why));
            continue;
        }
        if asset.role == AssetRole::Other && !linked(asset) {
            let why = "it is no content of the course, and every attachment can be downloaded by learners";
            log.note(dropped(&at, "file that no text links to", why));
            continue;
        }
        let whole = asset.name.replace(['?', '#', '%', '\\'], "_");
        let base = whole.rsplit('/').next().unwrap_or_default();
        let mut name = if names.contains(base) { whole.replace('/', "-") } else { base.to_owned() };
        let mut n = 2;
        while names.contains(&name) || name.is_empty() {
            name = format!("{n}-{base}");
            n += 1;
        }
        if name != asset.name {
            let why = "attachments of a Stepik course are in no folders, and their names stand in addresses";
            log.note(approximated(&at, "name of a file", why, &format!("“{name}”; links follow")));
        }
        names.insert(name.clone());
        kept.push(Asset { name, media_type: None, role: AssetRole::Content, ..asset.clone() });
    }
    kept
}

/// What a lesson has that decides how much its points count.
fn name_category(lesson: &Lesson, at: &Place, log: &mut AdaptLog) {
    if let Some(category) = &lesson.category {
        let why = format!("on Stepik every point counts alike ({category})");
        log.note(dropped(&at.to_string(), "kind of graded work", &why));
    }
}

/// What another platform sets of a section, lesson or step.
fn name_fields(extras: &Extras, at: &Place, log: &mut AdaptLog) {
    for (platform, field) in extras.fields(Platform::Stepik) {
        let what = format!("{field} of {platform}");
        log.note(dropped(&at.to_string(), &what, "Stepik has no such setting"));
    }
}

/// What a step has beside its blocks.
fn name_step(step: &Step, at: &Place, log: &mut AdaptLog) {
    let mut lose = |what, why| log.note(dropped(&at.to_string(), what, why));
    if !step.title.is_empty() {
        lose("title of a step", "steps of Stepik have no titles");
    }
    if step.schedule != lms_core::Schedule::default() {
        lose("dates of a step", "Stepik has dates for sections and lessons only");
    }
    if step.blocks.is_empty() {
        lose("empty step", "a step of Stepik has one block");
    }
}

/// Settings that mean something on another platform only, by their names.
#[derive(Default)]
struct Settings(BTreeMap<Platform, BTreeSet<String>>);

impl Settings {
    fn extras(&mut self, extras: &Extras) {
        for platform in extras.platforms().filter(|platform| *platform != Platform::Stepik) {
            let keys = extras.settings(platform).map(|(key, _)| key.to_owned());
            self.0.entry(platform).or_default().extend(keys);
        }
    }

    fn name(self, log: &mut AdaptLog) {
        for (platform, keys) in self.0.into_iter().filter(|(_, keys)| !keys.is_empty()) {
            let keys: Vec<String> = keys.into_iter().collect();
            log.note(dropped(
                "course",
                &format!("settings of {platform}: {}", keys.join(", ")),
                "they mean something on that platform only",
            ));
        }
    }
}

fn dropped(path: &str, what: &str, why: &str) -> Finding {
    Finding::new(Severity::Dropped, path, what, why)
}

fn approximated(path: &str, what: &str, why: &str, fallback: &str) -> Finding {
    Finding::new(Severity::Approximated, path, what, why).with_fallback(fallback)
}
