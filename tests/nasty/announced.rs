//! What differs between a course and what became of it, and whether a finding says so.
//!
//! The adapted course is held against the source here, not against the target: a converter that changes a
//! course and foresees its own change would pass every other check.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lms::grade::probes;
use lms::migrate::{Outcome, Plan, check_grading, compare};
use lms::{
    Block, BlockBody, BlockId, BlockPlace, Cardinality, Course, Credit, Grader, Interaction, Lesson,
    LessonId, Markup, Place, Section, SectionId, Severity, Step, StepId,
};

/// Differences of which no finding says anything.
pub(crate) fn unannounced(plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    let (source, adapted) = (&plan.content.course, &plan.adapted.course);
    let there: HashMap<&BlockId, BlockPlace<'_>> = adapted.blocks().map(|p| (&p.block.1.id, p)).collect();
    let carried: HashMap<&BlockId, &[BlockId]> =
        plan.adapted.carried.iter().map(|c| (&c.source, c.target.as_slice())).collect();
    let mut shared: HashMap<&BlockId, usize> = HashMap::new();
    for id in carried.values().flat_map(|ids| ids.iter()) {
        *shared.entry(id).or_default() += 1;
    }
    let checks: HashMap<BlockId, Outcome> =
        check_grading(plan, adapted).into_iter().map(|c| (c.block, c.outcome)).collect();
    for place in source.blocks() {
        let block = place.block.1;
        let mut found: Vec<String> = Vec::new();
        if !plan.findings.iter().any(|f| f.block.as_ref() == Some(&block.id)) {
            found = match carried.get(&block.id).copied().unwrap_or_default() {
                [] => vec!["it is gone".to_owned()],
                [one] if shared[one] == 1 => {
                    there.get(one).map_or(vec!["it is nowhere".to_owned()], |at| blocks(block, at.block.1))
                }
                several => joined(&place, several, &there),
            };
        }
        if let Some(exercise) = block.exercise()
            && let Some(Outcome::Unprobed { why }) = checks.get(&block.id)
            // A file that was handed in is told by its name only.
            && !matches!(exercise.interaction, Interaction::FileUpload(_))
            && !probes(exercise).is_empty()
            && !announced(plan, &block.id)
        {
            found.push(format!("not tried: {why}"));
        }
        let at = place.place().to_string();
        found.retain(|what| !at_large(plan, &at, what));
        wrong.extend(found.into_iter().map(|d| format!("{} [{}]: {d}", place.place(), kind(block))));
    }
    wrong.extend(containers(plan));
    wrong
}

fn kind(block: &Block) -> &str {
    block.exercise().map_or(block.body.kind(), |e| e.interaction.name())
}

pub(crate) fn alone(block: &Block) -> Course {
    let mut block = block.clone();
    block.id = "b".into();
    let mut course = Course::new("c", "");
    let (mut section, mut lesson, mut step) =
        (Section::new("s", ""), Lesson::new("l", ""), Step::new("t", ""));
    step.blocks.push(block);
    lesson.steps.push(step);
    section.lessons.push(lesson);
    course.sections.push(section);
    course
}

fn blocks(source: &Block, target: &Block) -> Vec<String> {
    let mut differs: Vec<String> = compare(&alone(&telling(source)), &alone(&telling(target)))
        .into_iter()
        // Words between two paragraphs stand in one of their own afterwards.
        .filter(|d| squeezed(&d.expected) != squeezed(&d.actual))
        .map(|d| format!("{}: {:?} became {:?}", d.what, d.expected, d.actual))
        .collect();
    let (before, after) = (markups(source), markups(target));
    if source.body.kind() == target.body.kind() && differs.is_empty() {
        let (a, b) = (tags(&before), tags(&after));
        if a != b {
            differs.push(format!("tags: {a:?} became {b:?}"));
        }
    }
    differs
}

/// The block without what means nothing to learners.
fn telling(block: &Block) -> Block {
    let mut block = block.clone();
    if let BlockBody::Exercise(exercise) = &mut block.body {
        let credit = &mut exercise.scoring.credit;
        let settled = match &mut exercise.interaction {
            // Drawing as many options as there are draws all.
            Interaction::Choice(choice) => {
                choice.shown = choice.shown.filter(|n| (*n as usize) < choice.options.len());
                choice.cardinality == Cardinality::Single || *credit == Credit::PerPart
            }
            // Things to put in order stand in none.
            Interaction::Order(order) => {
                order.items.sort_by(|a, b| a.html().cmp(b.html()));
                false
            }
            // So it is with the rows of a table.
            Interaction::Table(table) => {
                table.shown = table.shown.filter(|n| (*n as usize) < table.rows.len());
                false
            }
            Interaction::Match(_) | Interaction::Gap(_) => false,
            Interaction::ExtendedText(_) | Interaction::FileUpload(_) => {
                exercise.grader = Grader::Human;
                true
            }
            _ => true,
        };
        if settled {
            *credit = Credit::AllOrNothing;
        }
    }
    block
}

/// Several blocks that became one, or one that became several: every word is somewhere.
fn joined(
    place: &BlockPlace<'_>,
    targets: &[BlockId],
    there: &HashMap<&BlockId, BlockPlace<'_>>,
) -> Vec<String> {
    let said: String = targets
        .iter()
        .filter_map(|id| there.get(id))
        .flat_map(|at| {
            let mut all = vec![at.step.1.title.clone(), at.block.1.title.clone()];
            all.extend(markups(at.block.1).iter().map(Markup::plain));
            all
        })
        .collect::<Vec<_>>()
        .join(" ");
    let words: BTreeSet<&str> = said.split_whitespace().collect();
    let mut missing = Vec::new();
    for markup in markups(place.block.1) {
        let plain = markup.plain();
        missing.extend(plain.split_whitespace().filter(|word| !words.contains(word)).map(str::to_owned));
    }
    missing.extend(place.block.1.title.split_whitespace().filter(|w| !words.contains(w)).map(str::to_owned));
    if missing.is_empty() { Vec::new() } else { vec![format!("words lost in joining: {missing:?}")] }
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn markups(block: &Block) -> Vec<Markup> {
    // Every text of a block stands in its JSON; those of the model that are markup are asked for by name.
    let mut all = Vec::new();
    match &block.body {
        BlockBody::Text(text) => all.push(text.markup.clone()),
        BlockBody::Video(video) => all.push(video.caption.clone()),
        BlockBody::Foreign(foreign) => all.push(foreign.readable.clone()),
        BlockBody::File(_) => {}
        BlockBody::Exercise(exercise) => {
            all.push(exercise.prompt.clone());
            all.extend(exercise.hints.clone());
            all.extend([
                exercise.feedback.correct.clone(),
                exercise.feedback.incorrect.clone(),
                exercise.feedback.explanation.clone(),
            ]);
            match &exercise.interaction {
                Interaction::Choice(c) => all.extend(c.options.iter().map(|o| o.text.clone())),
                Interaction::InlineChoice(c) => all.extend(c.options.iter().map(|o| o.text.clone())),
                Interaction::Match(m) => all.extend(m.sources.iter().chain(&m.targets).cloned()),
                Interaction::Order(o) => all.extend(o.items.iter().cloned()),
                Interaction::Table(t) => {
                    all.push(t.description.clone());
                    all.extend(t.rows.iter().chain(&t.columns).cloned());
                }
                Interaction::Gap(gap) => all.extend(gap.segments.iter().filter_map(|s| match s {
                    lms::GapSegment::Text { markup } => Some(markup.clone()),
                    _ => None,
                })),
                _ => {}
            }
        }
    }
    all
}

/// How often each tag stands in texts that say more than words.
fn tags(markups: &[Markup]) -> BTreeMap<String, usize> {
    let mut tags = BTreeMap::new();
    for markup in markups {
        for piece in markup.html().split('<').skip(1) {
            let name: String = piece.chars().take_while(char::is_ascii_alphanumeric).collect();
            let name = match name.to_lowercase().as_str() {
                "b" => "strong".to_owned(),
                "i" => "em".to_owned(),
                "" | "p" | "tbody" | "thead" | "div" | "br" | "span" | "a" => continue,
                // A first heading is the highest in reStructuredText, whatever its level was.
                "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "heading".to_owned(),
                name => name.to_owned(),
            };
            *tags.entry(name).or_default() += 1;
        }
    }
    tags
}

/// Course, sections, lessons and steps.
fn containers(plan: &Plan) -> Vec<String> {
    let (source, adapted) = (&plan.content.course, &plan.adapted.course);
    let mut wrong = Vec::new();
    let course = Place::course();
    for d in compare(&source.header(), &adapted.header()) {
        note(plan, &course, &format!("{}: {:?} became {:?}", d.what, d.expected, d.actual), &mut wrong);
    }
    let (sections, lessons, steps) = homes(plan);
    for (n, section) in source.sections.iter().enumerate() {
        let at = course.child(n + 1, &section.title);
        let found = adapted.sections.iter().find(|s| sections.get(&section.id) == Some(&s.id));
        let (mut a, mut b) = (Course::new("c", ""), Course::new("c", ""));
        a.sections.push(Section { lessons: Vec::new(), ..section.clone() });
        b.sections.extend(found.map(|s| Section { lessons: Vec::new(), ..s.clone() }));
        held(plan, &at, &a, &b, &mut wrong);
        for (n, lesson) in section.lessons.iter().enumerate() {
            let at = at.child(n + 1, &lesson.title);
            let mut all = adapted.sections.iter().flat_map(|s| &s.lessons);
            let found = all.find(|l| lessons.get(&lesson.id) == Some(&l.id));
            let (a, b) = (bare_lesson(Some(lesson)), bare_lesson(found));
            held(plan, &at, &a, &b, &mut wrong);
            for (n, step) in lesson.steps.iter().enumerate() {
                let at = at.child(n + 1, &step.title);
                let mut all = adapted.sections.iter().flat_map(|s| &s.lessons).flat_map(|l| &l.steps);
                let found = all.find(|t| steps.get(&step.id) == Some(&t.id));
                let (a, b) = (bare_step(Some(step)), bare_step(found));
                held(plan, &at, &a, &b, &mut wrong);
            }
        }
    }
    wrong
}

type Homes = (HashMap<SectionId, SectionId>, HashMap<LessonId, LessonId>, HashMap<StepId, StepId>);

/// Where each container went: where its first block is; an empty one keeps its id, where it is kept.
fn homes(plan: &Plan) -> Homes {
    let (source, adapted) = (&plan.content.course, &plan.adapted.course);
    let mut homes: Homes = (HashMap::new(), HashMap::new(), HashMap::new());
    let there: HashMap<&BlockId, BlockPlace<'_>> = adapted.blocks().map(|p| (&p.block.1.id, p)).collect();
    let carried: HashMap<&BlockId, &BlockId> =
        plan.adapted.carried.iter().filter_map(|c| Some((&c.source, c.target.first()?))).collect();
    for place in source.blocks() {
        if let Some(at) = carried.get(&place.block.1.id).and_then(|id| there.get(id)) {
            homes.0.entry(place.section.1.id.clone()).or_insert(at.section.1.id.clone());
            homes.1.entry(place.lesson.1.id.clone()).or_insert(at.lesson.1.id.clone());
            homes.2.entry(place.step.1.id.clone()).or_insert(at.step.1.id.clone());
        }
    }
    for section in &source.sections {
        homes.0.entry(section.id.clone()).or_insert(section.id.clone());
        for lesson in &section.lessons {
            homes.1.entry(lesson.id.clone()).or_insert(lesson.id.clone());
            for step in &lesson.steps {
                homes.2.entry(step.id.clone()).or_insert(step.id.clone());
            }
        }
    }
    homes
}

fn bare_lesson(lesson: Option<&Lesson>) -> Course {
    let mut section = Section::new("s", "");
    section.lessons.extend(lesson.map(|l| Lesson { steps: Vec::new(), ..l.clone() }));
    let mut course = Course::new("c", "");
    course.sections.push(section);
    course
}

fn bare_step(step: Option<&Step>) -> Course {
    let mut lesson = Lesson::new("l", "");
    lesson.steps.extend(step.map(|t| Step { blocks: Vec::new(), ..t.clone() }));
    let mut course = bare_lesson(Some(&lesson));
    course.sections[0].lessons[0].title.clear();
    course
}

fn held(plan: &Plan, at: &Place, before: &Course, after: &Course, wrong: &mut Vec<String>) {
    for d in compare(before, after) {
        // White space around a title is shown nowhere.
        if d.what == "title" && d.expected.trim() == d.actual.trim() {
            continue;
        }
        note(plan, at, &format!("{}: {:?} became {:?}", d.what, d.expected, d.actual), wrong);
    }
}

/// A difference of a container, unless a finding of that place, or one for the whole course, says something.
fn note(plan: &Plan, at: &Place, what: &str, wrong: &mut Vec<String>) {
    let at = at.to_string();
    let is_said =
        plan.findings.iter().any(|f| f.severity > Severity::Exact && f.path == at && at != "course");
    if !is_said && !at_large(plan, &at, what) {
        wrong.push(format!("{at} [node]: {what}"));
    }
}

fn announced(plan: &Plan, block: &BlockId) -> bool {
    plan.findings.iter().any(|f| f.severity > Severity::Exact && f.block.as_ref() == Some(block))
}

/// What a finding for the whole course, or for what a block is in, must speak of to announce a difference.
const WORDS: &[(&str, &[&str])] = &[
    ("grading category", &["kind of graded work"]),
    ("grading policy", &["grading policy"]),
    ("dates", &["date", "deadline"]),
    ("feedback of options", &["feedback on"]),
    ("feedback", &["feedback on"]),
    ("explanation", &["feedback on"]),
    ("description", &["description"]),
    ("summary", &["summary"]),
    ("language", &["language"]),
    ("cover", &["cover", "picture"]),
    ("shuffled", &["another order"]),
    ("options shown", &["a single option"]),
    ("title", &["title"]),
    ("text", &["title", "levels of headings"]),
    ("prompt", &["title", "levels of headings"]),
    ("points", &["points"]),
    ("tries", &["tries", "attempts"]),
    ("still picture", &["still picture"]),
    ("kind", &["file to download"]),
    ("interaction", &["drop-down"]),
    ("missing", &["empty step"]),
];

/// Whether a finding without a block, for the place or what it is in, speaks of a difference.
fn at_large(plan: &Plan, at: &str, what: &str) -> bool {
    let field = what.split(':').next().unwrap_or_default();
    let ways = ["form of ", "links in ", "number of ", "words for pictures in ", "lines of code in "];
    let field = ways.iter().find_map(|way| field.strip_prefix(way)).unwrap_or(field);
    let words = WORDS.iter().find(|(name, _)| field.starts_with(name)).map_or(&[][..], |(_, words)| words);
    let holds = |path: &str| {
        path == "course"
            || at.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(" › "))
    };
    let mut wide = plan.findings.iter().filter(|f| holds(&f.path));
    wide.any(|f| words.iter().any(|word| f.what.contains(word)))
}
