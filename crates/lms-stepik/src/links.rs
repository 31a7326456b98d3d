//! Links from one step of a course to another.
//!
//! A step's page is `/lesson/LESSON/step/N`, N its place in the lesson; the site also writes the lesson as its slug,
//! which ends with its id, and adds `?unit=` (the slug and the canonical address: reference stepik.md 3.6).

use lms_core::{Course, CourseLink, StepAt};
use url::Url;

/// Where a link in a text of `course` leads, if it stays within it.
pub(crate) fn course_link(base: &Url, course: &Course, link: &str) -> Option<CourseLink> {
    let url = base.join(link).ok()?;
    if url.origin() != base.origin() {
        return None;
    }
    let path: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    match path.as_slice() {
        ["lesson", lesson, rest @ ..] => {
            let lesson = number(lesson)?;
            let mut lessons = course.sections.iter().flat_map(|section| &section.lessons);
            let lesson = lessons.find(|own| own.id.as_str() == lesson)?;
            let position = match rest {
                ["step", position, ..] => position.parse().unwrap_or(0),
                _ => 1_usize,
            };
            let step = position.checked_sub(1).and_then(|n| lesson.steps.get(n));
            Some(step.map_or(CourseLink::Elsewhere, |step| CourseLink::Step(step.id.clone())))
        }
        ["course", id, ..] if number(id)? == course.id.as_str() => Some(CourseLink::Elsewhere),
        _ => None,
    }
}

/// The page of a step.
pub(crate) fn step_page(base: &Url, at: &StepAt<'_>) -> Option<String> {
    base.join(&format!("/lesson/{}/step/{}", at.lesson.1, at.position)).ok().map(Into::into)
}

/// The id that a slug ends with.
fn number(slug: &str) -> Option<&str> {
    let number = slug.rsplit('-').next()?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

#[cfg(test)]
mod tests {
    use lms_core::{Lesson, Section, Step};

    use super::*;

    #[test]
    fn pages_of_the_course_are_known_in_every_spelling() {
        let base = Url::parse("https://stepik.org").expect("a URL");
        let mut lesson = Lesson::new("801", "Heat");
        lesson.steps = vec![Step::new("9", ""), Step::new("5", "")];
        let mut section = Section::new("601", "");
        section.lessons.push(lesson);
        let mut course = Course::new("501", "");
        course.sections.push(section);
        let step = |id: &str| Some(CourseLink::Step(id.into()));
        for (link, leads) in [
            ("https://stepik.org/lesson/801/step/2?unit=7#a", step("5")),
            ("/lesson/Heat-and-work-801/step/1", step("9")),
            ("https://stepik.org/lesson/801/", step("9")),
            ("/lesson/801/step/3", Some(CourseLink::Elsewhere)),
            ("/lesson/801/step/0", Some(CourseLink::Elsewhere)),
            ("https://stepik.org/course/Heat-501/syllabus", Some(CourseLink::Elsewhere)),
            ("https://stepik.org/course/502/syllabus", None),
            ("/lesson/802/step/1", None),
            ("https://example.org/lesson/801/step/2", None),
            ("mailto:a@example.org", None),
            ("#801", None),
        ] {
            assert_eq!(course_link(&base, &course, link), leads, "{link}");
        }
        let lesson = &course.sections[0].lessons[0];
        let at = StepAt { lesson: (lesson, &"7".into()), step: (&lesson.steps[1], None), position: 2 };
        assert_eq!(step_page(&base, &at).as_deref(), Some("https://stepik.org/lesson/7/step/2"));
    }
}
