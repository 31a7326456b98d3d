//! Requests to the pages by which a course is written without WebDAV, and to those of its groups and audiences.

use super::script::{Body, Step, get, post, step};

const TASK: &str = "/admin/compare-preview/edit/task/two";
const FILES: &str = "/admin/compare-preview/edit/task/two/files";
const STUDENTS: &str = "/admin/compare-preview/students";

fn save(fields: &[(&'static str, &'static str)]) -> Step {
    let mut all =
        vec![("@filetype", "yaml"), ("name", "Two"), ("context", "a\tb  \nc"), ("input_random", "0")];
    all.retain(|(name, _)| fields.iter().all(|(other, _)| other != name));
    all.extend(fields);
    step("superadmin", "POST", TASK, Body::Form(all))
}

pub(crate) fn tasks() -> Vec<Step> {
    let mcq = [("environment_type", "mcq"), ("environment_id[mcq]", "mcq"), ("envparams[mcq][x]", "")];
    let pick = [
        ("problem[q][@order]", "1"),
        ("problem[q][type]", "multiple_choice"),
        ("problem[q][name]", "Q"),
        ("problem[q][limit]", "0"),
        ("problem[q][multiple]", "on"),
        ("problem[q][choices][1][text]", "second"),
        ("problem[q][choices][0][text]", "first"),
        ("problem[q][choices][0][valid]", "on"),
        ("problem[q][choices][0][feedback]", " "),
        ("problem[w][@order]", "0"),
        ("problem[w][type]", "match"),
        ("problem[w][answer]", "yes"),
    ];
    let whole: Vec<_> = mcq.into_iter().chain(pick).collect();
    let read = || get("superadmin", "/api/v0/courses/compare-preview/tasks/two");
    vec![
        step("learner", "POST", TASK, Body::Form(whole.clone())),
        save(&whole),
        read(),
        save(&mcq[..2]),
        save(&[mcq.as_slice(), &[("input_random", "many")]].concat()),
        save(&[mcq.as_slice(), &[("input_random", "-1")]].concat()),
        save(&[mcq.as_slice(), &[("@filetype", "json")]].concat()),
        save(&[("environment_type", "abacus"), ("envparams[abacus][x]", "")]),
        save(&[mcq.as_slice(), &[("problem[q][type]", "match")]].concat()),
        read(),
        save(&[
            ("environment_type", "docker"),
            ("environment_id[docker]", "default"),
            ("envparams[docker][limits][time]", "20"),
            ("tags", "old"),
            ("problem[c][@order]", "0"),
            ("problem[c][type]", "code"),
            ("problem[c][optional]", "on"),
            ("problem[c][default]", "x\ty\nz"),
            ("problem[f][@order]", "1"),
            ("problem[f][type]", "file"),
            ("problem[f][allowed_exts]", ".a, .b"),
            ("problem[f][max_size]", "70"),
        ]),
        read(),
        post("superadmin", "/admin/compare-preview/tasks", [("task_dispenser", "lottery")]),
    ]
}

pub(crate) fn files() -> Vec<Step> {
    let upload = |path| {
        step("superadmin", "POST", FILES, Body::Upload { path, name: "x.txt", bytes: b"some\ntext\n" })
    };
    let ask = |query: &str| get("superadmin", &format!("{FILES}?{query}"));
    vec![
        get("learner", FILES),
        ask(""),
        upload("/public/x.txt"),
        upload("/public/x.txt"),
        upload("y.txt"),
        upload("/task.yaml"),
        upload("/../z.txt"),
        ask("action=download&path=/public/x.txt"),
        ask("action=download&path=/none"),
        ask("action=download&path=/task.yaml"),
        ask("action=download&path=/"),
        get("superadmin", "/course/compare-preview/two/x.txt"),
        ask("action=create&path=/empty.txt"),
        ask("action=rename&path=/y.txt&new_path=/public/y.txt"),
        ask("action=rename&path=/none&new_path=/public/z.txt"),
        ask("action=delete&path=/public/y.txt"),
        ask("action=delete&path=/public/y.txt"),
        ask("action=delete&path=/public/"),
        ask("action=delete&path=/empty.txt"),
        ask(""),
    ]
}

pub(crate) fn people() -> Vec<Step> {
    let send = |fields: &[(&'static str, &'static str)]| {
        step("superadmin", "POST", STUDENTS, Body::Form(fields.to_vec()))
    };
    let audience = |fields: &[(&'static str, &'static str)]| {
        let path = "/admin/compare-preview/edit/audience/{audience}";
        step("superadmin", "POST", path, Body::Form(fields.to_vec()))
    };
    let audiences = || get("superadmin", "/admin/compare-preview/students?csv_audiences");
    vec![
        audiences(),
        send(&[("register_student", ""), ("username", "learner")]),
        send(&[("register_student", ""), ("username", "visitor")]),
        send(&[("audience", "Monday, early")]),
        audiences(),
        audience(&[(
            "audiences",
            r#"[{"_id": "{audience}", "description": "Monday", "students": ["learner"], "tutors": ["superadmin"]}]"#,
        )]),
        audience(&[(
            "audiences",
            r#"[{"_id": "{audience}", "description": "Monday", "students": ["stranger"], "tutors": []}]"#,
        )]),
        audience(&[("audiences", "no JSON")]),
        audiences(),
        get("superadmin", "/admin/compare-preview/edit/audience/{audience}"),
        get("superadmin", "/admin/compare-preview/edit/audience/000000000000000000000000"),
        get("superadmin", "/admin/compare-preview/edit/audience/none"),
        send(&[(
            "groups",
            r#"[{"_id": "None", "description": "Pair", "size": 2, "students": ["learner"], "audiences": []}]"#,
        )]),
        send(&[(
            "groups",
            r#"[{"_id": "{group}", "description": "Pair", "size": 2, "students": ["learner", "stranger"], "audiences": []}]"#,
        )]),
        send(&[(
            "groups",
            r#"[{"_id": "{group}", "description": "Pair", "size": 2, "students": ["learner", "visitor"], "audiences": ["{audience}"]}]"#,
        )]),
        send(&[("groups", "no JSON")]),
        send(&[("groups", r#"[{"_id": "{group}"}]"#)]),
        send(&[("delete", "{group}")]),
        send(&[("delete", "{group}")]),
        audience(&[("delete", "000000000000000000000000")]),
        audience(&[("delete", "{audience}")]),
        audiences(),
        send(&[("remove_student", ""), ("type", "all")]),
        get("superadmin", "/admin/compare-preview/students?csv_student"),
    ]
}

/// Pages of courses that are not open to whoever asks.
pub(crate) fn shut() -> Vec<Step> {
    let mut steps =
        vec![step("visitor", "POST", "/course/compare-basics", Body::Form(vec![("unregister", "")]))];
    for path in [
        "/course/compare-basics/single",
        "/course/compare-basics/none",
        "/course/compare-basics/single/x.png",
        "/course/compare-shut/one",
        "/course/compare-shut/one/x.png",
        "/course/compare-shut/$common/x.png",
    ] {
        steps.push(get("visitor", path));
    }
    steps.push(post("visitor", "/course/compare-basics/single", [("@action", "submit"), ("sum", "1")]));
    steps
}
