//! Links from one unit of a course to another (reference openedx.md 5.8): `/jump_to_id/NAME`, which Open edX makes an
//! address of when it shows a text; and addresses of the LMS: `jump_to` with a key, `courseware` with names.

use lms_core::{Course, CourseLink, LessonId, StepAt, StepId};

use crate::olx::origin::Origin;
use crate::olx::read::{URL_NAME, is_implied};
use crate::olx::write::{text_extra, url_name};

/// Where a link in a text of `course` leads, if it stays within it.
pub(crate) fn course_link(course: &Course, link: &str) -> Option<CourseLink> {
    let link = link.split(['#', '?']).next()?;
    let path = match link.split_once("://") {
        Some(("http" | "https", rest)) => rest.split_once('/')?.1,
        Some(_) => return None,
        None => link.strip_prefix('/').filter(|path| !path.starts_with('/'))?,
    };
    let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let leads = |step: Option<StepId>| Some(step.map_or(CourseLink::Elsewhere, CourseLink::Step));
    match path.as_slice() {
        ["jump_to_id", name] if !link.contains("://") => leads(named(course, None, name)),
        ["course", ..] if !link.contains("://") => Some(CourseLink::Elsewhere),
        ["courses", id, rest @ ..] if is_id(course, id) => match rest {
            ["jump_to_id", name] => leads(named(course, None, name)),
            ["jump_to", .., kind, name] if rest.iter().any(|part| part.starts_with("i4x:")) => {
                leads(named(course, Some(kind), name))
            }
            ["jump_to", key] => {
                let key = key.replace("%40", "@").replace("%2B", "+");
                let (_, block) = key.split_once("+type@")?;
                let (kind, name) = block.split_once("+block@")?;
                leads(named(course, Some(kind), name))
            }
            ["courseware", _, lesson] => leads(named(course, Some("sequential"), lesson)),
            ["courseware", _, lesson, position, ..] => {
                let mut lessons = course.sections.iter().flat_map(|section| &section.lessons);
                let lesson = lessons.find(|own| own.id.as_str() == *lesson);
                let at = position.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                leads(lesson.zip(at).and_then(|(lesson, at)| Some(lesson.steps.get(at)?.id.clone())))
            }
            _ => Some(CourseLink::Elsewhere),
        },
        _ => None,
    }
}

fn is_id(course: &Course, id: &str) -> bool {
    id == course.id.as_str() || id.replace("%3A", ":").replace("%2B", "+") == course.id.as_str()
}

/// The unit of this name, or the first in what has it, or the one that holds it.
fn named(course: &Course, kind: Option<&str>, name: &str) -> Option<StepId> {
    let is = |tag: &str, id: &str| kind.is_none_or(|kind| kind == tag) && id == name;
    let mut inside: Option<StepId> = None;
    for section in &course.sections {
        let mut found = is("chapter", section.id.as_str());
        for lesson in &section.lessons {
            found |= is("sequential", lesson.id.as_str());
            for step in &lesson.steps {
                if found || is("vertical", step.id.as_str()) {
                    return Some(step.id.clone());
                }
                // What is in units has its tag before its name.
                let holds = step.blocks.iter().any(|block| {
                    block.id.as_str().rsplit_once('/').is_some_and(|(tag, own)| is(tag, own))
                        || Origin::kept(&block.extras).is_some_and(|own| is(&own.tag, &own.name))
                });
                if holds && inside.is_none() {
                    inside = Some(step.id.clone());
                }
            }
        }
    }
    inside
}

/// The link that leads to a unit.
pub(crate) fn step_page(at: &StepAt<'_>) -> Option<String> {
    let (step, id) = at.step;
    let (lesson, lesson_id): (_, &LessonId) = at.lesson;
    let name = if !is_implied(&step.extras) {
        text_extra(&step.extras, URL_NAME)
            .map_or_else(|| id.map(|id| url_name(id.as_str())), |name| Some(name.into()))?
    } else if !is_implied(&lesson.extras) {
        // A unit that is none in the files has no name.
        text_extra(&lesson.extras, URL_NAME).map_or_else(|| url_name(lesson_id.as_str()), str::to_owned)
    } else {
        Origin::kept(&step.blocks.first()?.extras)?.name
    };
    Some(format!("/jump_to_id/{name}"))
}

#[cfg(test)]
mod tests {
    use lms_core::{Block, BlockBody, Lesson, Section, Step, Text};

    use super::*;

    fn course() -> Course {
        let mut steps = vec![Step::new("unit-1", ""), Step::new("unit-2", "")];
        for (n, step) in steps.iter_mut().enumerate() {
            step.blocks.push(Block::new(format!("html/page{n}"), BlockBody::Text(Text::default())));
        }
        let lesson = Lesson { steps, ..Lesson::new("seq", "") };
        let section = Section { lessons: vec![lesson], ..Section::new("week", "") };
        let mut course = Course::new("course-v1:O+C+R", "");
        course.sections.push(section);
        course
    }

    #[test]
    fn pages_of_the_course_are_known_in_every_spelling() {
        let course = course();
        let step = |id: &str| Some(CourseLink::Step(id.into()));
        for (link, leads) in [
            ("/jump_to_id/unit-2", step("unit-2")),
            ("/jump_to_id/unit-2#part", step("unit-2")),
            ("/jump_to_id/page1", step("unit-2")),
            ("/jump_to_id/week", step("unit-1")),
            ("/jump_to_id/gone", Some(CourseLink::Elsewhere)),
            ("/courses/course-v1:O+C+R/jump_to_id/seq/", step("unit-1")),
            (
                "https://x.test/courses/course-v1:O+C+R/jump_to/block-v1:O+C+R+type@vertical+block@unit-2",
                step("unit-2"),
            ),
            (
                "/courses/course-v1%3AO%2BC%2BR/jump_to/block-v1:O%2BC%2BR%2Btype%40html%2Bblock%40page1",
                step("unit-2"),
            ),
            (
                "/courses/course-v1:O+C+R/jump_to/block-v1:O+C+R+type@html+block@unit-2",
                Some(CourseLink::Elsewhere),
            ),
            ("/courses/course-v1:O+C+R/jump_to/i4x://O/C/vertical/unit-2", step("unit-2")),
            ("/courses/course-v1:O+C+R/courseware/week/seq/2/?activate=1", step("unit-2")),
            ("/courses/course-v1:O+C+R/courseware/week/seq/", step("unit-1")),
            ("/courses/course-v1:O+C+R/courseware/week/seq/3", Some(CourseLink::Elsewhere)),
            ("/courses/course-v1:O+C+R/progress", Some(CourseLink::Elsewhere)),
            ("/course/", Some(CourseLink::Elsewhere)),
            ("/courses/course-v1:O+C+R2/progress", None),
            ("https://x.test/course/7", None),
            ("//x.test/jump_to_id/unit-1", None),
            ("unit-1", None),
        ] {
            assert_eq!(course_link(&course, link), leads, "{link}");
        }
    }

    #[test]
    fn a_unit_is_linked_when_it_has_a_name() {
        let course = course();
        let lesson = &course.sections[0].lessons[0];
        let id = StepId::new("unit-1-2");
        let at = |id| StepAt { lesson: (lesson, &lesson.id), step: (&lesson.steps[0], id), position: 1 };
        assert_eq!(step_page(&at(None)), None);
        assert_eq!(step_page(&at(Some(&id))).as_deref(), Some("/jump_to_id/unit-1-2"));
    }
}
