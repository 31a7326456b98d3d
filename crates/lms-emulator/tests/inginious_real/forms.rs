//! Requests to the forms of accounts and of the administration.

use super::script::{Body, Step, dav, get, post, step};

pub(crate) fn accounts() -> Vec<Step> {
    let sent = |username, email, passwd, passwd2| {
        post(
            "nobody",
            "/register",
            [
                ("register", ""),
                ("username", username),
                ("realname", "R"),
                ("email", email),
                ("passwd", passwd),
                ("passwd2", passwd2),
            ],
        )
    };
    vec![
        sent("abc", "new@example.org", "secret1", "secret1"),
        sent("new.one", "new@example.org", "secret1", "secret1"),
        sent("newone", "new@example", "secret1", "secret1"),
        sent("newone", "new@example.org", "short", "short"),
        sent("newone", "new@example.org", "secret1", "secret2"),
        sent("learner", "new@example.org", "secret1", "secret1"),
        sent("newone", "learner@example.org", "secret1", "secret1"),
        sent("newone", "new@EXAMPLE.org", "secret1", "secret1"),
        sent("newone", "other@example.org", "secret1", "secret1"),
        post("nobody", "/register", [("register", ""), ("username", "newone")]),
        post("nobody", "/api/v0/authentication", [("login", "newone"), ("password", "secret1")]),
        get("nobody", "/register?activate=00"),
        get("learner", "/register"),
    ]
}

pub(crate) fn staff() -> Vec<Step> {
    let students = "/admin/compare-preview/students";
    vec![
        post("learner", "/mycourses", [("new_courseid", "made-here")]),
        post("superadmin", "/mycourses", [("new_courseid", "made-here")]),
        post("superadmin", "/mycourses", [("new_courseid", "made-here")]),
        post("superadmin", "/mycourses", [("new_courseid", "no good")]),
        get("superadmin", "/api/v0/courses/made-here"),
        get("learner", "/api/v0/courses/made-here"),
        get("learner", "/admin/compare-preview/students"),
        get("nobody", "/admin/compare-preview/students"),
        get("superadmin", "/admin/nothing/students"),
        post("superadmin", students, [("register_student", ""), ("username", "learner")]),
        post("superadmin", students, [("register_student", ""), ("username", "unknown")]),
        get("superadmin", "/admin/compare-preview/students?csv_student"),
        post("superadmin", students, [("remove_student", ""), ("type", "single"), ("username", "learner")]),
        get("superadmin", "/admin/compare-preview/students?csv_student"),
        get("superadmin", "/admin/compare-basics/students?csv_student"),
        get("superadmin", "/admin/compare-basics/search_user/LEARN"),
        get("superadmin", "/admin/compare-basics/stats?progress_csv"),
        get("superadmin", "/admin/compare-basics/student/learner?csv"),
        post("visitor", "/api/v0/courses/compare-preview/tasks/one/submissions", [("say", "no")]),
        get("superadmin", "/admin/compare-preview/student/visitor?csv"),
        get("superadmin", "/admin/compare-preview/student/stranger?csv"),
        get("superadmin", "/admin/compare-preview/stats?progress_csv"),
        get("learner", "/admin/compare-preview/stats?progress_csv"),
        post(
            "superadmin",
            "/admin/compare-preview/tasks",
            [
                (
                    "course_structure",
                    r#"{"toc": [{"title": "All", "tasks_list": ["one", "two"]}], "config": {"one": {"accessibility": true, "weight": 2}}}"#,
                ),
                ("new_tasks", r#"["two"]"#),
            ],
        ),
        get("superadmin", "/api/v0/courses/compare-preview/tasks"),
        get("superadmin", "/admin/compare-preview/student/visitor?csv"),
        post(
            "superadmin",
            "/administrator/user_action",
            [
                ("action", "add_user"),
                ("username", "made"),
                ("realname", "M"),
                ("email", "made@example.org"),
                ("password", "pw"),
            ],
        ),
        post(
            "superadmin",
            "/administrator/user_action",
            [
                ("action", "add_user"),
                ("username", "made"),
                ("realname", "M"),
                ("email", "m@example.org"),
                ("password", "pw"),
            ],
        ),
        post(
            "superadmin",
            "/administrator/user_action",
            [
                ("action", "add_user"),
                ("username", "mad"),
                ("realname", "M"),
                ("email", "made@example.org"),
                ("password", "pw"),
            ],
        ),
        post("superadmin", "/administrator/user_action", [("action", "add_user"), ("username", "mad")]),
        post("stranger", "/api/v0/authentication", [("login", "made"), ("password", "pw")]),
        post("superadmin", "/administrator/user_action", [("action", "delete"), ("username", "made")]),
        post("superadmin", "/administrator/user_action", [("action", "delete"), ("username", "made")]),
        post("superadmin", "/administrator/user_action", [("action", "activate"), ("username", "nobody")]),
        post("superadmin", "/administrator/user_action", [("action", "dance")]),
        post("learner", "/administrator/user_action", [("action", "delete"), ("username", "visitor")]),
        get("superadmin", "/admin/compare-basics/tasks"),
        get("learner", "/admin/compare-basics/tasks"),
    ]
}

/// The settings form, each time with something else; what it did shows in the course. The last leaves the course
/// unreachable, as a bad date does.
pub(crate) fn settings() -> Vec<Step> {
    const GOOD: [(&str, &str); 20] = [
        ("name", "Made anew"),
        ("description", "d"),
        ("admins", "superadmin, visitor"),
        ("tutors", ""),
        ("groups_student_choice", "false"),
        ("accessible", "true"),
        ("accessible_start", ""),
        ("accessible_end", ""),
        ("allow_unregister", "true"),
        ("allow_preview", "false"),
        ("registration", "true"),
        ("registration_start", ""),
        ("registration_end", ""),
        ("registration_password", ""),
        ("registration_ac", "None"),
        ("registration_ac_accept", "true"),
        ("registration_ac_list", ""),
        ("lti_url", ""),
        ("lti_keys", ""),
        ("lti_config", "{}"),
    ];
    let path = "/admin/made-here/settings";
    let course = || get("superadmin", "/api/v0/courses/made-here");
    let changed = |name: &str, value| {
        let fields = GOOD.map(|(known, old)| if known == name { (known, value) } else { (known, old) });
        post("superadmin", path, fields)
    };
    let without = |name: &str| {
        let fields = GOOD.into_iter().filter(|(known, _)| *known != name).collect();
        step("superadmin", "POST", path, Body::Form(fields))
    };
    let mut steps = vec![
        dav("superadmin", "PUT", "/made-here/course.yaml", "name: Before\n"),
        get("superadmin", path),
        get("superadmin", "/admin/made-here"),
        get("learner", path),
        without("name"),
        without("groups_student_choice"),
        without("registration_ac_list"),
        without("lti_url"),
    ];
    for (name, value) in [
        ("name", "Other: name"),
        ("registration_password", "pw"),
        ("registration_ac", "email"),
        ("registration_ac", "person"),
        ("registration", "false"),
        ("accessible", "false"),
        ("accessible", "maybe"),
        ("accessible", "custom"),
        ("name", ""),
    ] {
        steps.extend([changed(name, value), course(), get("visitor", "/api/v0/courses/made-here")]);
    }
    let dates = [("accessible", "custom"), ("accessible_start", "soon")];
    let fields =
        GOOD.map(|(known, old)| dates.into_iter().find(|(name, _)| *name == known).unwrap_or((known, old)));
    steps.extend([post("superadmin", path, fields), course(), get("superadmin", path)]);
    steps
}
