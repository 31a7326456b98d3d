//! Links from one task of a course to another: a task's page is `/course/COURSE/TASK` below the site's address
//! (reference inginious.md 6).

use lms_core::{Course, CourseId, CourseLink, StepAt};

use lms_http::path_segment;

/// Where a link in a text of `course` leads, if it stays within it; `site` is the address of the server, if the
/// course is on one.
pub(crate) fn course_link(site: Option<&str>, course: &Course, link: &str) -> Option<CourseLink> {
    let link = link.split(['#', '?']).next()?;
    let below = site.and_then(|site| link.strip_prefix(site.trim_end_matches('/')));
    let path = below.or(Some(link)).filter(|path| path.starts_with('/'))?;
    let (before, rest) = path.split_once("/course/")?;
    // The site itself may be below a path.
    if !before.is_empty() && !site.is_some_and(|site| site.trim_end_matches('/').ends_with(before)) {
        return None;
    }
    let mut parts = rest.split('/').filter(|part| !part.is_empty());
    if parts.next()? != path_segment(course.id.as_str()) {
        return None;
    }
    let task = parts.next().filter(|_| parts.next().is_none());
    let mut steps = course.steps();
    let step = task.and_then(|task| steps.find(|step| path_segment(step.id.as_str()) == task));
    Some(step.map_or(CourseLink::Elsewhere, |step| CourseLink::Step(step.id.clone())))
}

/// The page of a task from the root of its server, so that the course may be served by another; none before the task
/// has its id. The site may be below a path there.
pub(crate) fn step_page(site: &str, course: &CourseId, at: &StepAt<'_>) -> Option<String> {
    Some(format!("{site}/course/{}/{}", path_segment(course.as_str()), path_segment(at.step.1?.as_str())))
}

#[cfg(test)]
mod tests {
    use lms_core::{Lesson, Section, Step};

    use super::*;

    #[test]
    fn pages_of_the_course_are_known_in_every_spelling() {
        let mut course = Course::new("heat", "");
        let lesson =
            Lesson { steps: vec![Step::new("first", ""), Step::new("last", "")], ..Lesson::new("l", "") };
        course.sections.push(Section { lessons: vec![lesson], ..Section::new("s", "") });
        let step = |id: &str| Some(CourseLink::Step(id.into()));
        for (site, link, leads) in [
            (None, "/course/heat/last", step("last")),
            (None, "/course/heat/last/", step("last")),
            (None, "/course/heat/last#part", step("last")),
            (None, "/course/heat/gone", Some(CourseLink::Elsewhere)),
            (None, "/course/heat", Some(CourseLink::Elsewhere)),
            (None, "/course/heat/last/picture.png", Some(CourseLink::Elsewhere)),
            (None, "/course/cold/last", None),
            (None, "https://x.test/course/heat/last", None),
            (Some("https://x.test/"), "https://x.test/course/heat/last", step("last")),
            (Some("https://x.test/site"), "https://x.test/site/course/heat/last", step("last")),
            (Some("https://x.test/site"), "/site/course/heat/last", step("last")),
            (Some("https://x.test/site"), "/other/course/heat/last", None),
            (Some("https://x.test/"), "https://y.test/course/heat/last", None),
            (Some("https://x.test/"), "last", None),
        ] {
            assert_eq!(course_link(site, &course, link), leads, "{link}");
        }
        let lesson = &course.sections[0].lessons[0];
        let at = |id| StepAt { lesson: (lesson, &lesson.id), step: (&lesson.steps[0], id), position: 1 };
        assert_eq!(step_page("", &"heat".into(), &at(None)), None);
        let page = step_page("", &"heat".into(), &at(Some(&"a b".into())));
        assert_eq!(page.as_deref(), Some("/course/heat/a%20b"));
    }
}
