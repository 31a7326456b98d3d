//! Titles: Stepik wants one for every course, section and lesson, and trims them as Django does.

use lms_core::{AdaptLog, Course, Finding, Place, Severity};

/// Characters of a title at most.
const LONGEST: usize = 255;

/// The course with titles that Stepik takes. One that is blank becomes the node's id in the source,
/// and is named.
pub(crate) fn titled(course: &Course, log: &mut AdaptLog) -> Course {
    let mut course = course.clone();
    let id = course.id.to_string();
    mend(&mut course.title, &id, &Place::course(), log);
    for (s, section) in course.sections.iter_mut().enumerate() {
        let at = Place::course().child(s + 1, section.title.as_str());
        mend(&mut section.title, section.id.as_str(), &at, log);
        for (l, lesson) in section.lessons.iter_mut().enumerate() {
            let at = at.child(l + 1, lesson.title.as_str());
            mend(&mut lesson.title, lesson.id.as_str(), &at, log);
        }
    }
    course
}

fn mend(title: &mut String, id: &str, at: &Place, log: &mut AdaptLog) {
    let trimmed = title.trim();
    if !trimmed.is_empty() {
        if trimmed.chars().count() > LONGEST {
            let cut: String = trimmed.chars().take(LONGEST - 1).collect();
            let why = format!("Stepik takes {LONGEST} characters");
            let finding = Finding::new(Severity::Approximated, at.to_string(), "title", why);
            log.note(finding.with_fallback("its beginning"));
            *title = format!("{}…", cut.trim_end());
        } else if trimmed.len() != title.len() {
            let why = "Stepik cuts white space off both ends";
            let finding = Finding::new(Severity::Exact, at.to_string(), "title", why);
            log.note(finding.with_fallback("without it"));
            *title = trimmed.to_owned();
        }
        return;
    }
    *title = match id.trim() {
        "" => "Untitled".to_owned(),
        id => id.to_owned(),
    };
    let finding =
        Finding::new(Severity::Approximated, at.to_string(), "title", "Stepik wants one and there is none");
    log.note(finding.with_fallback(format!("“{title}”")));
}
