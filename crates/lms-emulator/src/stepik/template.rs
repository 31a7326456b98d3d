//! New objects with every field that the platform answers. (reference stepik.md 3.3-3.8)

use serde_json::{Value, json};

use super::state::now;
use super::wire::{Object, object};

/// Words joined by dashes and the id at the end; Unicode is kept. (reference stepik.md 3.3)
pub(crate) fn slug(title: &str, id: i64) -> String {
    let words: Vec<&str> =
        title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{}-{id}", words.join("-"))
}

fn dates(target: &mut Object) {
    for side in ["begin_date", "end_date", "soft_deadline", "hard_deadline"] {
        target.insert(side.to_owned(), Value::Null);
        target.insert(format!("{side}_source"), Value::Null);
    }
    stamp_new(target);
}

fn stamp_new(target: &mut Object) {
    let now = now();
    target.insert("create_date".to_owned(), now.clone().into());
    target.insert("update_date".to_owned(), now.into());
}

pub(crate) fn course(id: i64, owner: i64, review_summary: i64) -> Object {
    let mut course = object(json!({
        "id": id, "title": "", "title_en": "", "slug": "", "summary": "", "description": "", "workload": "",
        "intro": "", "course_format": "", "target_audience": "", "requirements": "", "certificate": "",
        "learning_format": "", "language": "en", "cover": null, "certificate_footer": null,
        "certificate_cover_org": null, "intro_video": null,
    }));
    course.extend(object(json!({
        "sections": [], "authors": [owner],
        "instructors": [owner], "tags": [], "announcements": [], "total_units": 0, "lessons_count": 0,
        "quizzes_count": 0, "challenges_count": 0, "peer_reviews_count": 0, "instructor_reviews_count": 0,
        "videos_duration": 0, "certificates_count": 0, "learners_count": 0, "discussions_count": 0,
        "child_courses_count": 0, "time_to_complete": null, "discussion_proxy": format!("78-{id}-1"),
        "discussion_threads": [format!("78-{id}-1")],
        "subscriptions": [format!("31-78-{id}"), format!("30-78-{id}")],
        "first_lesson": null, "first_unit": null, "preview_lesson": null, "preview_unit": null,
        "review_summary": review_summary, "user_certificate": null, "schedule_type": "self_paced",
    })));
    course.extend(object(json!({
        "is_self_paced": true, "is_contest": false, "is_adaptive": false, "is_idea_compatible": false,
        "is_favorite": false, "is_in_wishlist": false, "is_enabled": false, "is_archived": false,
        "is_proctored": false, "is_popular": false, "is_unsuitable": false, "is_censored": false,
        "is_featured": false, "is_public": false, "is_active": true, "is_paid": false, "has_tutors": false,
        "is_processed_with_paddle": false, "with_certificate": false, "is_certificate_issued": false,
        "is_certificate_auto_issued": false, "is_certificate_with_score": false, "lti_private_profile": false,
        "certificate_regular_threshold": null, "certificate_distinction_threshold": null,
        "certificate_link": null, "certificate_regular_link": format!("/api/courses/{id}/regular"),
        "certificate_distinction_link": format!("/api/courses/{id}/distinction"), "schedule_link": null,
        "schedule_long_link": null, "first_deadline": null, "last_deadline": null,
        "grading_policy": "no_deadlines", "grading_policy_source": "no_deadlines", "readiness": 0.0,
    })));
    course.extend(object(json!({
        "default_promo_code_name": null, "default_promo_code_price": null, "default_promo_code_discount": null,
        "default_promo_code_is_percent_discount": null, "default_promo_code_expire_date": null,
        "price": null, "display_price": "-", "currency_code": null, "price_tier": null,
        "possible_type": "basic", "course_type": "basic", "possible_currencies": [], "acquired_skills": [],
        "acquired_assets": [], "content_details": [], "social_providers": [], "child_courses": [],
        "parent_courses": [], "commission_basic": 7, "commission_promo": 5, "became_published_at": null,
        "became_paid_at": null, "difficulty": null, "options": {}, "lti_consumer_key": "", "lti_secret_key": "",
        "owner": owner, "position": 0, "issue": 0, "canonical_url": format!("https://stepik.org/course/{id}/"),
        "continue_url": format!("/course/{id}/continue"), "proctor_url": null, "referral_link": null,
    })));
    dates(&mut course);
    course
}

pub(crate) fn section(id: i64) -> Object {
    let mut section = object(json!({
        "id": id, "course": null, "units": [], "position": 1, "discounting_policy": "no_discount",
        "progress": format!("79-{id}"), "actions": {"test_section": "#"}, "required_section": null,
        "required_percent": 100, "is_requirement_satisfied": true, "is_exam": false,
        "is_exam_without_progress": false, "is_random_exam": false, "exam_duration_minutes": 60,
        "random_exam_problems_course": null, "random_exam_problems_count": 20, "exam_session": null,
        "proctor_session": null, "description": "", "is_proctoring_can_be_scheduled": false, "title": "",
        "slug": "", "grading_policy": "no_deadlines", "grading_policy_source": null, "is_active": true,
    }));
    dates(&mut section);
    section
}

pub(crate) fn unit(id: i64) -> Object {
    let mut unit = object(json!({
        "id": id, "section": null, "lesson": null, "assignments": [], "position": 1,
        "progress": format!("80-{id}"), "grading_policy": "no_deadlines", "grading_policy_source": null,
        "is_active": true,
    }));
    dates(&mut unit);
    unit
}

pub(crate) fn lesson(id: i64, owner: i64) -> Object {
    let mut lesson = object(json!({
        "id": id, "steps": [], "progress": format!("76-{id}"),
        "subscriptions": [format!("31-76-{id}"), format!("30-76-{id}")], "viewed_by": 0, "passed_by": 0,
        "time_to_complete": null, "cover_url": null, "is_comments_enabled": true,
        "is_exam_without_progress": false, "is_blank": true, "is_draft": false, "is_orphaned": true,
        "courses": [], "units": [], "owner": owner, "language": "en", "is_featured": false, "is_public": true,
        "canonical_url": format!("https://stepik.org/lesson/{id}/"), "title": "", "slug": "",
        "discussions_count": 0, "discussion_proxy": format!("76-{id}-1"),
        "discussion_threads": [format!("76-{id}-1")], "epic_count": 0, "abuse_count": 0, "vote_delta": 0,
        "vote": null, "lti_consumer_key": "", "lti_secret_key": "", "lti_private_profile": false,
    }));
    stamp_new(&mut lesson);
    lesson
}

/// A step in the author's form. `worth` stays 0, as in every capture of 2024. (reference stepik.md 3.7)
pub(crate) fn step(id: i64, lesson: i64) -> Object {
    let mut step = object(json!({
        "id": id, "lesson": lesson, "position": 1, "status": "preparing", "block": {},
        "actions": {}, "progress": format!("77-{id}"),
        "subscriptions": [format!("31-77-{id}"), format!("30-77-{id}")], "instruction": null, "session": null,
        "instruction_type": null, "viewed_by": 0, "passed_by": 0, "correct_ratio": null, "worth": 0,
        "is_solutions_unlocked": false, "solutions_unlocked_attempts": 3, "has_submissions_restrictions": false,
        "max_submissions_count": 3, "variation": 1, "variations_count": 1, "is_enabled": true,
        "needs_plan": null, "discussions_count": 0, "discussion_proxy": format!("77-{id}-1"),
        "discussion_threads": [format!("77-{id}-1")], "reason_of_failure": "",
        "error": {"text": "", "code": "", "params": {}}, "warnings": [], "cost": 0,
    }));
    stamp_new(&mut step);
    step
}

pub(crate) fn user(id: i64, first_name: &str, last_name: &str) -> Object {
    object(json!({
        "id": id, "profile": id, "is_private": false, "is_active": true, "is_guest": false,
        "is_organization": false, "short_bio": "", "details": "", "first_name": first_name,
        "last_name": last_name, "full_name": format!("{first_name} {last_name}").trim(), "alias": null,
        "avatar": format!("https://stepik.org/users/{id}/0/avatar.svg"), "cover": null, "city": null, "level": 0,
        "level_title": "", "knowledge": 0, "knowledge_rank": null, "reputation": 0, "reputation_rank": null,
        "join_date": super::state::whole_seconds(&now()), "social_profiles": [], "solved_steps_count": 0,
        "created_courses_count": 0, "created_lessons_count": 0, "issued_certificates_count": 0,
        "followers_count": 0,
    }))
}
