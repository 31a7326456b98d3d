//! What the server remembers: accounts, sessions, courses, students, submissions.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use super::course::{Course, Courses, Person};
use super::input::Input;
use super::mcq::Outcome;
use super::people::{Audience, Group};
use crate::random;

/// All state of one emulator.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) courses: Courses,
    /// By course.
    pub(crate) students: HashMap<String, Students>,
    /// By course.
    pub(crate) groups: HashMap<String, Vec<Group>>,
    pub(crate) audiences: HashMap<String, Vec<Audience>>,
    pub(crate) records: HashMap<RecordKey, Record>,
    pub(crate) submissions: Vec<Submission>,
    pub(crate) mails: Vec<Mail>,
    /// Courses whose file is being written by WebDAV.
    pub(crate) saving: HashSet<String>,
    counter: u32,
}

/// The user names of the students of a course, in order of registration. Each request asks whether somebody is among
/// them, and courses have tens of thousands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Students {
    names: Vec<String>,
    known: HashSet<String>,
}

impl Students {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    fn add(&mut self, name: &str) {
        if self.known.insert(name.to_owned()) {
            self.names.push(name.to_owned());
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        if self.known.remove(name) {
            self.names.retain(|student| student != name);
        }
    }
}

/// An account.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) realname: String,
    pub(crate) email: String,
    pub(crate) superadmin: bool,
    password: [u8; 32],
    /// Hash of the activation mail while the account waits for it.
    pub(crate) activation: Option<String>,
    /// Password for WebDAV; made when a course's task page is first looked at (reference inginious.md 7).
    pub(crate) api_key: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("realname", &self.realname).finish_non_exhaustive()
    }
}

/// A session of the web application; the API knows no other login.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) username: Option<String>,
    pub(crate) expires: Instant,
}

/// A message that the site would have mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mail {
    /// Address of the receiver.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// Plain text, with the link to follow.
    pub text: String,
}

/// Course, task, user.
pub(crate) type RecordKey = (String, String, String);

/// How a user stands with a task; there is one as soon as the task was seen or tried.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) tried: i64,
    pub(crate) grade: f64,
    pub(crate) succeeded: bool,
    /// The submission that counts.
    pub(crate) counting: Option<String>,
    /// Given to the grader as `@random`; drawn when the task page is opened.
    pub(crate) random: Vec<f64>,
    pub(crate) state: String,
    /// Tries used of the submission limit, and since when they are counted.
    pub(crate) used: i64,
    pub(crate) used_since: Option<DateTime>,
}

/// One submission.
#[derive(Debug, Clone)]
pub(crate) struct Submission {
    pub(crate) id: String,
    pub(crate) course: String,
    pub(crate) task: String,
    /// Who handed in, and the others of the group where it is a group task.
    pub(crate) usernames: Vec<String>,
    /// Microseconds are cut to milliseconds, as the database does.
    pub(crate) submitted_on: DateTime,
    /// Made through the API, which stores every value inside a list (reference inginious.md, fact 10).
    pub(crate) through_api: bool,
    pub(crate) input: Vec<(String, Input)>,
    pub(crate) about: About,
    /// `None` while it waits.
    pub(crate) outcome: Option<Outcome>,
}

/// The `@` fields that the server adds to the answers.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub(crate) email: String,
    pub(crate) time: String,
    pub(crate) attempts: i64,
    pub(crate) random: Vec<f64>,
    pub(crate) state: String,
}

impl Submission {
    pub(crate) fn is_of(&self, username: &str) -> bool {
        self.usernames.iter().any(|name| name == username)
    }

    /// What the grader gets as `@username`.
    pub(crate) fn submitters(&self) -> String {
        self.usernames.join(",")
    }

    /// `done` if it was graded, `error` if it could not be (reference inginious.md 5.3).
    pub(crate) fn status(&self) -> &'static str {
        match &self.outcome {
            None => "waiting",
            Some(outcome) if matches!(outcome.result.as_str(), "success" | "failed") => "done",
            Some(_) => "error",
        }
    }
}

fn digest(password: &str) -> [u8; 32] {
    Sha256::digest(password.as_bytes()).into()
}

impl User {
    pub(crate) fn new(realname: &str, email: &str, password: &str) -> Self {
        Self {
            realname: realname.to_owned(),
            email: email.to_owned(),
            superadmin: false,
            password: digest(password),
            activation: None,
            api_key: None,
        }
    }

    pub(crate) fn has_password(&self, password: &str) -> bool {
        self.password == digest(password)
    }

    /// The API key, made on first use: 80 hexadecimal digits.
    pub(crate) fn api_key(&mut self) -> String {
        self.api_key.get_or_insert_with(|| random::secret() + &random::secret()).clone()
    }
}

impl Store {
    /// A fresh id in the form of the database: 24 hexadecimal digits, growing with time.
    pub(crate) fn new_id(&mut self) -> String {
        self.counter += 1;
        let seconds = jiff::Timestamp::now().as_second() & 0xffff_ffff;
        format!("{seconds:08x}72119c6a79{:06x}", self.counter & 0x00ff_ffff)
    }

    /// The session of this id while it lives, its life extended: expiry slides (reference inginious.md 2.3).
    pub(crate) fn touch(&mut self, id: &str, lifetime: Duration) -> bool {
        let now = Instant::now();
        self.sessions.retain(|_, session| session.expires > now);
        match self.sessions.get_mut(id) {
            Some(session) => {
                session.expires = now + lifetime;
                true
            }
            None => false,
        }
    }

    pub(crate) fn username(&self, session: &str) -> Option<String> {
        let name = self.sessions.get(session)?.username.clone()?;
        self.users.contains_key(&name).then_some(name)
    }

    pub(crate) fn person<'a>(&'a self, username: &'a str, course: &str) -> Person<'a> {
        let user = self.users.get(username);
        Person {
            username,
            email: user.map_or("", |user| user.email.as_str()),
            superadmin: user.is_some_and(|user| user.superadmin),
            registered: self.students.get(course).is_some_and(|students| students.has(username)),
        }
    }

    /// A readable course; an unreadable one does not exist for the web application.
    pub(crate) fn course(&mut self, id: &str) -> Option<Arc<Course>> {
        self.courses.get_mut(id)?.course(id).ok()
    }

    pub(crate) fn course_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.courses.keys().cloned().collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn record(&self, course: &str, task: &str, username: &str) -> Option<&Record> {
        self.records.get(&(course.to_owned(), task.to_owned(), username.to_owned()))
    }

    /// The record, made if the user sees the task for the first time.
    pub(crate) fn saw(&mut self, course: &str, task: &str, username: &str) -> &mut Record {
        self.records.entry((course.to_owned(), task.to_owned(), username.to_owned())).or_default()
    }

    /// The submissions of a user to a task, newest first.
    pub(crate) fn submissions_of(&self, course: &str, task: &str, username: &str) -> Vec<&Submission> {
        let mine = |s: &&Submission| s.course == course && s.task == task && s.is_of(username);
        self.submissions.iter().rev().filter(mine).collect()
    }

    /// The students of a course, in order of registration.
    pub(crate) fn students_of(&self, course: &str) -> &[String] {
        self.students.get(course).map(Students::names).unwrap_or_default()
    }

    pub(crate) fn enroll(&mut self, course: &str, username: &str) {
        self.students.entry(course.to_owned()).or_default().add(username);
    }

    pub(crate) fn unenroll(&mut self, course: &str, username: &str) {
        if let Some(students) = self.students.get_mut(course) {
            students.remove(username);
        }
        for group in self.groups.get_mut(course).into_iter().flatten() {
            group.students.retain(|name| name != username);
        }
        for audience in self.audiences.get_mut(course).into_iter().flatten() {
            audience.students.retain(|name| name != username);
        }
    }
}
