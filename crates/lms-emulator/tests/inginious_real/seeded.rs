//! Requests to the API drawn by chance, good and bad, the same in every run.
//!
//! One answer of the real server is left to chance itself: two threads that meet while a job is added make it answer 500
//! `"dictionary changed size during iteration"`, about once in 300 submissions. Run it again then.

use super::script::{Body, Step, post, step};

/// How many.
const COUNT: usize = 320;
const SEED: u64 = 20_261_122;

const WHO: [&str; 6] = ["learner", "learner", "learner", "visitor", "superadmin", "nobody"];
const COURSES: [&str; 11] = [
    "compare-basics",
    "compare-basics",
    "compare-basics",
    "compare-doors",
    "compare-preview",
    "compare-shut",
    "compare-legacy",
    "compare-unknown",
    "compare-notoc",
    "nothing",
    "a%20b",
];
const TASKS: [&str; 20] = [
    "single",
    "several",
    "words",
    "octal",
    "central",
    "few",
    "once",
    "late",
    "early",
    "empty",
    "forgotten",
    "unlisted",
    "latest",
    "one",
    "broken",
    "badtype",
    "none",
    "Single",
    "%24common",
    "task.yaml",
];
const SUBMISSIONS: [&str; 6] =
    ["{submission:0}", "{submission:3}", "{submission:9}", "{last}", "0123456789abcdef01234567", "x"];
/// The first three ask for another format than JSON.
const MEDIA: [&str; 6] =
    ["text/yaml", "text/html", "application/x-yaml", "application/json", "text/plain", "nonsense"];
const FIELDS: [&str; 10] =
    ["sum", "even", "odd", "say", "value", "truth", "number", "text", "login", "@username"];
const VALUES: [&str; 14] = ["0", "1", "2", "3", "-1", "x", " 1", "+1", "1.0", "", "yes", "34", "True", "été"];
const RAW: [(&str, &str); 5] = [
    ("application/json", "{\"sum\": 1}"),
    ("application/json", "not json"),
    ("text/plain", "sum=1"),
    ("application/x-www-form-urlencoded", "sum=%ZZ&&=1&even"),
    ("text/yaml", "sum: 1"),
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % n
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn path(&mut self) -> String {
        let (course, task) = (self.pick(&COURSES), self.pick(&TASKS));
        let at = format!("/api/v0/courses/{course}");
        match self.below(16) {
            0 => "/api/v0/courses".to_owned(),
            1 => "/api/v0/authentication".to_owned(),
            2 => self
                .pick(&["/api/v0/auth_methods", "/api/v0", "/api/v0/course", "/api/v1/courses"])
                .to_owned(),
            3 => at,
            4 => format!("{at}/tasks"),
            5 => format!("{at}/"),
            6..=8 => format!("{at}/tasks/{task}"),
            9..=13 => format!("{at}/tasks/{task}/submissions"),
            _ => format!("{at}/tasks/{task}/submissions/{}", self.pick(&SUBMISSIONS)),
        }
    }

    fn body(&mut self) -> Body {
        match self.below(6) {
            0 => Body::None,
            1 => {
                let (media, text) = self.pick(&RAW);
                Body::Raw(media, text)
            }
            2 => Body::File { field: self.pick(&FIELDS), name: "a.txt", bytes: b"seven" },
            _ => Body::Form((0..self.below(5)).map(|_| (self.pick(&FIELDS), self.pick(&VALUES))).collect()),
        }
    }

    fn step(&mut self) -> Step {
        let (who, path) = (self.pick(&WHO), self.path());
        match self.below(10) {
            0..=4 => {
                let mut drawn = step(who, "GET", &path, Body::None);
                // The emulator does not lay out lists in lists as the server's YAML does, so that only short answers
                // are asked for in YAML.
                let media = if path.ends_with("authentication") { &MEDIA[..] } else { &MEDIA[3..] };
                if self.below(4) == 0 {
                    drawn.headers.push(("content-type", self.pick(media)));
                }
                drawn
            }
            5..=8 => step(who, "POST", &path, self.body()),
            _ => step(who, self.pick(&["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]), &path, Body::None),
        }
    }
}

pub(crate) fn seeded() -> Vec<Step> {
    let login = "/api/v0/authentication";
    let enter = [
        post("learner", login, [("login", "learner"), ("password", "{password:learner}")]),
        post("visitor", login, [("login", "visitor"), ("password", "{password:visitor}")]),
        post("superadmin", login, [("login", "superadmin"), ("password", "{password:superadmin}")]),
    ];
    let register = ["/register/compare-basics", "/register/compare-preview"];
    let register = register.map(|path| step("learner", "POST", path, Body::Form(Vec::new())));
    let mut dice = Dice(SEED);
    enter.into_iter().chain(register).chain((0..COUNT).map(|_| dice.step())).collect()
}
