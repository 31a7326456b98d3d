//! The requests that are sent to both servers, in order. Later ones build on what earlier ones changed.

use super::descriptors::DESCRIPTORS;
use super::forms::{accounts, settings, staff};
use super::seeded::seeded;
use super::studio;

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Body {
    None,
    Form(Vec<(&'static str, &'static str)>),
    /// Content type and text.
    Raw(&'static str, &'static str),
    File {
        field: &'static str,
        name: &'static str,
        bytes: &'static [u8],
    },
    /// A file for the table of a task's files.
    Upload {
        path: &'static str,
        name: &'static str,
        bytes: &'static [u8],
    },
}

/// One request. In paths, values and headers `{password:NAME}`, `{submission:N}`, `{audience}`, `{group}`, `{dav}` are
/// filled in.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) who: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: Body,
    pub(crate) dav: bool,
    /// If the answer takes a submission, wait until it is graded.
    pub(crate) graded: bool,
}

pub(crate) fn step(who: &'static str, method: &'static str, path: &str, body: Body) -> Step {
    Step { who, method, path: path.to_owned(), headers: Vec::new(), body, dav: false, graded: true }
}

pub(crate) fn get(who: &'static str, path: &str) -> Step {
    step(who, "GET", path, Body::None)
}

pub(crate) fn post<const N: usize>(
    who: &'static str,
    path: &'static str,
    fields: [(&'static str, &'static str); N],
) -> Step {
    step(who, "POST", path, Body::Form(fields.to_vec()))
}

pub(crate) fn dav(who: &'static str, method: &'static str, path: &'static str, text: &'static str) -> Step {
    let body = if text.is_empty() { Body::None } else { Body::Raw("application/octet-stream", text) };
    Step { dav: true, ..step(who, method, path, body) }
}

fn with(step: Step, name: &'static str, value: &'static str) -> Step {
    Step { headers: vec![(name, value)], ..step }
}

pub(crate) fn sign_in_as_superadmin() -> Step {
    post(
        "superadmin",
        "/api/v0/authentication",
        [("login", "superadmin"), ("password", "{password:superadmin}")],
    )
}

/// All requests.
pub(crate) fn steps() -> Vec<Step> {
    [
        sign_in(),
        doors(),
        reading(),
        choices(),
        texts(),
        rules(),
        web_form(),
        containers(),
        accounts(),
        staff(),
        files(),
        course_files(),
        studio::tasks(),
        studio::files(),
        studio::people(),
        studio::shut(),
        settings(),
        seeded(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn sign_in() -> Vec<Step> {
    let login = "/api/v0/authentication";
    vec![
        get("learner", login),
        get("learner", "/api/v0/auth_methods"),
        post("learner", "/api/v0/auth_methods", []),
        get("learner", "/api/v0/courses"),
        get("learner", "/api/v0/courses/compare-basics"),
        get("learner", "/api/v0/courses/nothing/tasks/none/submissions"),
        post("learner", "/api/v0/courses/compare-basics/tasks/single/submissions", []),
        post("learner", login, [("login", "learner")]),
        step(
            "learner",
            "POST",
            login,
            Body::Raw("application/json", r#"{"login":"learner","password":"x"}"#),
        ),
        post("learner", login, [("login", "learner"), ("password", "wrong")]),
        post("learner", login, [("login", "learner@example.org"), ("password", "{password:learner}")]),
        post("learner", login, [("login", " learner "), ("password", "{password:learner}")]),
        get("learner", login),
        with(
            get("forger", login),
            "cookie",
            "inginious_session_id=6b026b045949242db25adb93.Pco-OpJdExjIbUEpNzO-_T_p6M8",
        ),
        post("superadmin", login, [("login", "superadmin"), ("password", "{password:superadmin}")]),
        post("visitor", "/signin", [("login", "visitor"), ("password", "wrong")]),
        post("visitor", "/signin", [("login", "visitor"), ("password", "{password:visitor}")]),
        get("visitor", login),
        step("learner", "PUT", "/api/v0/courses", Body::None),
        step("learner", "DELETE", "/api/v0/courses/compare-basics/tasks/single/submissions", Body::None),
        step("learner", "PATCH", "/api/v0/authentication", Body::None),
        step("learner", "OPTIONS", "/api/v0/courses", Body::None),
        step("learner", "HEAD", "/api/v0/courses/compare-shut", Body::None),
        get("learner", "/api/v0/courses/"),
        get("learner", "/api/v0"),
        get("learner", "/api/v0/nothing"),
        get("learner", "/nothing/at/all"),
    ]
}

fn doors() -> Vec<Step> {
    vec![
        get("learner", "/api/v0/courses"),
        get("superadmin", "/api/v0/courses"),
        get("learner", "/api/v0/courses/compare-shut"),
        get("learner", "/api/v0/courses/compare-shut/tasks"),
        get("learner", "/api/v0/courses/compare-numbers"),
        get("superadmin", "/api/v0/courses/compare-numbers"),
        get("superadmin", "/api/v0/courses/compare-notoc"),
        get("learner", "/api/v0/courses/no such"),
        get("learner", "/api/v0/courses/compare-basics/tasks"),
        get("learner", "/course/compare-basics"),
        get("learner", "/course/compare-shut"),
        get("learner", "/course/nothing"),
        get("learner", "/register/compare-basics"),
        get("nobody", "/register/compare-basics"),
        get("nobody", "/course/compare-basics"),
        get("nobody", "/mycourses"),
        post("learner", "/register/nothing", []),
        post("learner", "/register/compare-shut", []),
        post("learner", "/register/compare-doors", [("register_password", "wrong")]),
        post("visitor", "/register/compare-doors", [("register_password", "sesame")]),
        post("learner", "/register/compare-doors", [("register_password", "sesame")]),
        post("learner", "/register/compare-doors", [("register_password", "sesame")]),
        get("learner", "/register/compare-doors"),
        get("learner", "/api/v0/courses/compare-doors"),
        post("learner", "/course/compare-doors", [("unregister", "")]),
        get("learner", "/api/v0/courses/compare-doors/tasks"),
        post("learner", "/register/compare-basics", []),
        post("learner", "/course/compare-basics", [("unregister", "")]),
        post("learner", "/course/compare-basics", [("unregister", "")]),
        post("learner", "/register/compare-basics", []),
        post("visitor", "/register/compare-preview", []),
        get("visitor", "/api/v0/courses/compare-preview"),
        post("visitor", "/api/v0/courses/compare-preview/tasks/one/submissions", [("say", "yes")]),
        get("visitor", "/api/v0/courses/compare-preview/tasks/one"),
        get("visitor", "/register/compare-preview"),
        post("visitor", "/api/v0/courses/compare-legacy/tasks/one/submissions", [("say", "yes")]),
        get("visitor", "/course/compare-legacy/one"),
        post("visitor", "/api/v0/courses/compare-unknown/tasks/one/submissions", [("say", "yes")]),
        get("visitor", "/api/v0/courses/compare-unknown/tasks/one/submissions"),
    ]
}

fn reading() -> Vec<Step> {
    vec![
        get("learner", "/api/v0/courses/compare-basics"),
        get("learner", "/api/v0/courses/compare-basics/tasks"),
        get("learner", "/api/v0/courses/compare-basics/tasks/single"),
        get("superadmin", "/api/v0/courses/compare-odd"),
        get("superadmin", "/api/v0/courses/compare-odd/tasks"),
        get("learner", "/api/v0/courses/compare-basics/tasks/broken"),
        get("learner", "/api/v0/courses/compare-basics/tasks/badtype"),
        get("learner", "/api/v0/courses/compare-basics/tasks/early"),
        get("learner", "/api/v0/courses/compare-basics/tasks/single/submissions"),
        get("learner", "/api/v0/courses/compare-basics/tasks/single/submissions/000000000000000000000000"),
        get("learner", "/api/v0/courses/compare-basics/tasks/single/submissions/xyz"),
        with(get("learner", "/api/v0/courses/compare-doors"), "content-type", "text/yaml"),
        with(get("learner", "/api/v0/courses/compare-doors"), "content-type", "text/html"),
        with(get("learner", "/api/v0/courses/nothing"), "content-type", "application/x-yaml"),
        with(get("learner", "/api/v0/courses/compare-doors"), "content-type", "application/json"),
        get("learner", "/course/compare-basics/forgotten/dot.svg"),
        get("learner", "/course/compare-basics/forgotten/none.svg"),
        get("nobody", "/course/compare-basics/forgotten/dot.svg"),
        get("learner", "/course/compare-basics"),
        get("learner", "/course/compare-basics/single"),
        get("learner", "/course/compare-basics/early"),
        get("learner", "/course/compare-basics/late"),
        get("learner", "/course/compare-basics/forgotten"),
        get("learner", "/course/compare-basics/none"),
    ]
}

const SINGLE: &str = "/api/v0/courses/compare-basics/tasks/single/submissions";
const SEVERAL: &str = "/api/v0/courses/compare-basics/tasks/several/submissions";
const CENTRAL: &str = "/api/v0/courses/compare-basics/tasks/central/submissions";
const WORDS: &str = "/api/v0/courses/compare-basics/tasks/words/submissions";

fn choices() -> Vec<Step> {
    let mut steps = Vec::new();
    for value in ["0", "1", "2", " 1", "+1", "01", "", "x", "1.0", "-1", "3", "1_0"] {
        steps.push(post("learner", SINGLE, [("sum", value)]));
    }
    steps.push(post("learner", SINGLE, []));
    steps.push(post("learner", SINGLE, [("sum", "1"), ("sum", "0"), ("unknown", "kept"), ("@lang", "xx")]));
    steps.push(get("learner", "/api/v0/courses/compare-basics/tasks/single/submissions?input"));
    for fields in [
        vec![("even", "0"), ("even", "2"), ("odd", "1")],
        vec![("even", "2"), ("even", "0"), ("odd", "1")],
        vec![("even", "0"), ("odd", "1")],
        vec![("even", "1"), ("even", "0"), ("odd", "0")],
        vec![("even", "00"), ("even", "2"), ("odd", "1")],
        vec![("even", "0,2"), ("odd", "1")],
        vec![("even[]", "0"), ("odd", "1")],
        vec![("even", "9")],
        vec![],
    ] {
        steps.push(step("learner", "POST", SEVERAL, Body::Form(fields)));
    }
    steps.push(step("learner", "POST", SEVERAL, Body::Raw("application/json", r#"{"even": ["0"]}"#)));
    steps.push(get("learner", "/api/v0/courses/compare-basics/tasks/several/submissions?input="));
    for fields in [
        vec![("pick", "1"), ("tick", "0"), ("word", "x")],
        vec![("pick", "0"), ("tick", "1"), ("word", "y")],
        vec![("pick", "0"), ("word", "x")],
        vec![("tick", "0"), ("word", "x")],
        vec![("pick", "1"), ("tick", "0")],
    ] {
        steps.push(step("learner", "POST", CENTRAL, Body::Form(fields)));
    }
    steps.push(get("learner", CENTRAL));
    steps.push(get("learner", "/api/v0/courses/compare-basics"));
    steps
}

fn texts() -> Vec<Step> {
    vec![
        post("learner", WORDS, [("truth", "True"), ("number", "1.0"), ("text", " Été ")]),
        post("learner", WORDS, [("truth", "yes"), ("number", "1"), ("text", "été")]),
        post("learner", WORDS, [("truth", ""), ("number", ""), ("text", "")]),
        post("learner", WORDS, [("truth", "True")]),
        get("learner", "/api/v0/courses/compare-basics/tasks/words/submissions?input"),
        get("learner", "/api/v0/courses/compare-basics/tasks/words"),
        post("learner", "/api/v0/courses/compare-basics/tasks/octal/submissions", [("value", "34")]),
        get("learner", "/api/v0/courses/compare-basics/tasks/octal/submissions"),
        post("learner", "/api/v0/courses/compare-basics/tasks/empty/submissions", []),
        get("learner", "/api/v0/courses/compare-basics/tasks/empty/submissions"),
        get("learner", "/api/v0/courses/compare-basics"),
    ]
}

fn rules() -> Vec<Step> {
    let mut steps = Vec::new();
    for path in [
        "/api/v0/courses/compare-basics/tasks/early/submissions",
        "/api/v0/courses/compare-basics/tasks/late/submissions",
        "/api/v0/courses/compare-basics/tasks/forgotten/submissions",
        "/api/v0/courses/compare-basics/tasks/unlisted/submissions",
        "/api/v0/courses/compare-basics/tasks/once/submissions",
        "/api/v0/courses/compare-basics/tasks/once/submissions",
        "/api/v0/courses/compare-basics/tasks/latest/submissions",
        "/api/v0/courses/compare-basics/tasks/few/submissions",
    ] {
        steps.push(post("learner", path, [("say", "yes")]));
    }
    let latest = "/api/v0/courses/compare-basics/tasks/latest/submissions";
    let few = "/api/v0/courses/compare-basics/tasks/few/submissions";
    steps.extend([
        post("learner", latest, [("say", "no")]),
        get("learner", "/api/v0/courses/compare-basics/tasks/latest"),
        get("learner", "/api/v0/courses/compare-basics"),
        post("learner", few, [("say", "no")]),
        post("learner", few, [("say", "maybe")]),
        get("learner", "/api/v0/courses/compare-basics/tasks/few/submissions?input"),
        post("learner", few, [("say", "never")]),
        get("learner", "/api/v0/courses/compare-basics/tasks/few/submissions?input"),
        get("learner", "/api/v0/courses/compare-basics/tasks"),
        post("superadmin", "/api/v0/courses/compare-basics/tasks/early/submissions", [("say", "yes")]),
        post("superadmin", "/api/v0/courses/compare-shut/tasks/one/submissions", [("say", "yes")]),
        get("superadmin", "/api/v0/courses/compare-shut"),
        get("superadmin", "/api/v0/courses/compare-basics/tasks/single/submissions/{submission:1}"),
        get("learner", "/api/v0/courses/compare-basics/tasks/single/submissions/{submission:1}"),
        get("learner", "/api/v0/courses/compare-basics/tasks/words/submissions/{submission:1}"),
        get("learner", "/api/v0/courses/compare-basics/tasks/single/submissions/{submission:2}"),
        get("learner", "/api/v0/courses/compare-basics/tasks/words/submissions/{submission:2}"),
    ]);
    steps
}

fn web_form() -> Vec<Step> {
    let single = "/course/compare-basics/single";
    vec![
        post("learner", single, [("@action", "submit"), ("sum", "1")]),
        post("learner", single, [("@action", "submit"), ("sum", "0")]),
        post("learner", single, [("@action", "submit"), ("sum", "9")]),
        post("learner", single, [("@action", "submit")]),
        post("learner", single, [("@action", "check"), ("submissionid", "{submission:2}")]),
        post("learner", single, [("@action", "check"), ("submissionid", "000000000000000000000000")]),
        post("learner", single, [("@action", "check"), ("submissionid", "xyz")]),
        post("learner", single, [("@action", "check")]),
        post("learner", single, [("@action", "check"), ("submissionid", "{submission:1}")]),
        post("learner", single, [("@action", "load_submission_input"), ("submissionid", "{submission:1}")]),
        post(
            "learner",
            "/course/compare-basics/words",
            [("@action", "check"), ("submissionid", "{submission:2}")],
        ),
        get("learner", "/course/compare-basics/single?submissionid={submission:1}&questionid=say"),
        get("learner", "/course/compare-basics/words?submissionid={submission:2}&questionid=sum"),
        post("learner", single, [("@action", "load_submission_input"), ("submissionid", "{submission:2}")]),
        post("learner", single, [("@action", "kill"), ("submissionid", "{submission:2}")]),
        post("learner", single, [("@action", "dance")]),
        post("learner", single, []),
        post("nobody", single, [("@action", "submit"), ("sum", "1")]),
        post("learner", "/course/compare-basics/words", [("@action", "submit"), ("truth", "True")]),
        get("learner", "/api/v0/courses/compare-basics/tasks/words/submissions?input"),
        get("learner", "/api/v0/courses/compare-basics/tasks/single/submissions?input"),
        post("learner", "/course/compare-basics/once", [("@action", "submit"), ("say", "yes")]),
        post("learner", "/course/compare-basics/early", [("@action", "submit"), ("say", "yes")]),
        post("learner", "/course/compare-basics/late", [("@action", "submit"), ("say", "yes")]),
        post("learner", "/course/compare-basics/few", [("@action", "submit"), ("say", "yes")]),
        get("learner", "/api/v0/courses/compare-basics/tasks/few/submissions?input"),
        get("learner", "/course/compare-basics/single?submissionid={submission:2}&questionid=sum"),
        get("learner", "/course/compare-basics/single?submissionid={submission:2}&questionid=none"),
        get("learner", "/course/compare-basics/single?submissionid={last}&questionid=sum"),
        get("learner", "/course/compare-basics/few?submissionid={last}&questionid=say"),
    ]
}

fn containers() -> Vec<Step> {
    let script = "/course/compare-basics/script";
    let upload = "/api/v0/courses/compare-basics/tasks/upload/submissions";
    let file = |name, bytes| step("learner", "POST", upload, Body::File { field: "paper", name, bytes });
    vec![
        post(
            "learner",
            script,
            [("@action", "submit"), ("code", "def double(n):\n    return n * 2\n"), ("remark", "")],
        ),
        post(
            "learner",
            script,
            [("@action", "submit"), ("code", "def double(n):\n    return n + 1\n"), ("remark", "so")],
        ),
        post("learner", script, [("@action", "submit"), ("code", "def double(n)\n"), ("remark", "")]),
        post("learner", script, [("@action", "submit"), ("code", "x"), ("@lang", "fr")]),
        post("learner", script, [("@action", "submit"), ("code", ""), ("remark", "")]),
        post(
            "learner",
            "/api/v0/courses/compare-basics/tasks/script/submissions",
            [("code", "def double(n):\n    return n * 2\n"), ("remark", "")],
        ),
        get("learner", "/api/v0/courses/compare-basics/tasks/script/submissions?input"),
        file("a.txt", b"it is ok"),
        file("a.txt", b"no"),
        file("a.TXT", b"ok"),
        file("a.txt", &[b'x'; 31]),
        file("a.txt", &[b'x'; 32]),
        post("learner", upload, [("paper", "ok")]),
        get("learner", upload),
        get("learner", "/api/v0/courses/compare-basics/tasks/upload/submissions?input"),
        get("learner", "/api/v0/courses/compare-basics"),
    ]
}

fn files() -> Vec<Step> {
    let task = "name: Fresh\nenvironment_type: mcq\nproblems:\n    say: {type: match, answer: 'yes'}\n";
    let course = "name: Made here\ndispenser_data:\n    config:\n        fresh: {accessibility: true}\n";
    let to = |step, path| with(step, "destination", path);
    vec![
        dav("nobody", "GET", "/made-here/course.yaml", ""),
        dav("learner", "GET", "/made-here/course.yaml", ""),
        dav("superadmin", "GET", "/made-here/none", ""),
        dav("superadmin", "PUT", "/made-here/fresh/task.yaml", task),
        dav("superadmin", "MKCOL", "/made-here/fresh", ""),
        dav("superadmin", "MKCOL", "/made-here/fresh", ""),
        dav("superadmin", "MKCOL", "/made-here/a/b", ""),
        dav("superadmin", "PUT", "/made-here/fresh/task.yaml", "problems: ["),
        get("superadmin", "/api/v0/courses/made-here/tasks"),
        dav("superadmin", "PUT", "/made-here/fresh/task.yaml", task),
        dav("superadmin", "GET", "/made-here/fresh/task.yaml", ""),
        dav("superadmin", "PUT", "/made-here/course.yaml", "name: ["),
        dav("superadmin", "PUT", "/made-here/course.yaml", "description: no name"),
        get("superadmin", "/api/v0/courses/made-here"),
        dav("superadmin", "PUT", "/made-here/course.yaml", course),
        dav("superadmin", "GET", "/made-here/course.yaml", ""),
        get("learner", "/api/v0/courses/made-here"),
        dav("superadmin", "DELETE", "/made-here/course.yaml", ""),
        to(dav("superadmin", "MOVE", "/made-here/course.yaml", ""), "{dav}/made-here/c.yaml"),
        dav("superadmin", "MKCOL", "/made-here/$common", ""),
        dav("superadmin", "PUT", "/made-here/$common/a b.txt", "x"),
        with(dav("superadmin", "PROPFIND", "/made-here/", ""), "depth", "0"),
        with(dav("superadmin", "PROPFIND", "/made-here/", ""), "depth", "1"),
        dav("superadmin", "PROPFIND", "/made-here/", ""),
        dav("superadmin", "PROPFIND", "/made-here/none", ""),
        to(dav("superadmin", "COPY", "/made-here/fresh", ""), "{dav}/made-here/second"),
        get("superadmin", "/api/v0/courses/made-here/tasks/second"),
        to(dav("superadmin", "MOVE", "/made-here/second", ""), "{dav}/made-here/third"),
        dav("superadmin", "GET", "/made-here/second/task.yaml", ""),
        dav("superadmin", "DELETE", "/made-here/third", ""),
        dav("superadmin", "DELETE", "/made-here/third", ""),
        get("superadmin", "/api/v0/courses/made-here"),
        dav("superadmin", "GET", "/", ""),
        dav("superadmin", "PUT", "/nothing/course.yaml", "name: x"),
        get("learner", "/logout"),
        get("learner", "/api/v0/courses"),
        get("learner", "/logout"),
    ]
}

/// Each course file is put in the place of a good one, and read back.
fn course_files() -> Vec<Step> {
    let path = "/made-here/course.yaml";
    let put = |text| dav("superadmin", "PUT", path, text);
    let steps = DESCRIPTORS.iter().flat_map(|text| {
        let seen = get("superadmin", "/api/v0/courses/made-here");
        [put("name: Before\n"), put(text), dav("superadmin", "GET", path, ""), seen]
    });
    steps.collect()
}
