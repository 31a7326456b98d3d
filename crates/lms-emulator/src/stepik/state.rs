//! What the server holds. Objects are kept as the JSON that goes over the wire; what a learner must not see
//! (clues, passwords) is kept beside them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use super::auth::Keyring;
use super::groups::Group;
use super::index::Index;
use super::plain::{self, Plain};
use super::quiz;
use super::scale::Lean;
use super::switches::Switches;
use super::wire::{Object, id_list, int};

/// A kind of stored object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Courses,
    Sections,
    Units,
    Lessons,
    /// Held in the author's form (step-sources); the learner's form (steps) is cut from it. Both share the id.
    Steps,
    Attachments,
    Videos,
    Attempts,
    Submissions,
    Users,
    Members,
    Certificates,
    Comments,
    /// Small resources that are described by a table.
    Plain(Plain),
}

impl Kind {
    /// The path segment and the key of the list in the envelope. (reference stepik.md 2.1)
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Courses => "courses",
            Self::Sections => "sections",
            Self::Units => "units",
            Self::Lessons => "lessons",
            Self::Steps => "steps",
            Self::Attachments => "attachments",
            Self::Videos => "videos",
            Self::Attempts => "attempts",
            Self::Submissions => "submissions",
            Self::Users => "users",
            Self::Members => "members",
            Self::Certificates => "certificates",
            Self::Comments => "comments",
            Self::Plain(plain) => plain.name(),
        }
    }

    /// Ids start at unlike places and grow with holes, so that nothing can rely on small or dense ones.
    fn first_id(self) -> i64 {
        match self {
            Self::Courses => 198_026,
            Self::Sections => 391_507,
            Self::Units => 1_322_418,
            Self::Lessons => 1_309_971,
            Self::Steps => 5_730_113,
            Self::Attachments => 88_204,
            Self::Videos => 61_033,
            Self::Attempts => 1_204_511_870,
            Self::Submissions => 1_187_334_902,
            Self::Users => 741_390_021,
            Self::Members => 9_310_044,
            Self::Certificates => 2_204_118,
            Self::Comments => 8_660_317,
            Self::Plain(plain) => plain.first_id(),
        }
    }
}

/// What a user did with one step.
#[derive(Debug, Clone, Default)]
pub(crate) struct StepProgress {
    pub(crate) points: f64,
    pub(crate) is_passed: bool,
    pub(crate) is_attempted: bool,
    pub(crate) last_viewed: Option<i64>,
    pub(crate) submissions: i64,
    pub(crate) first_success: Option<i64>,
}

/// A user in a course.
#[derive(Debug, Clone)]
pub(crate) struct Enrollment {
    pub(crate) grade_id: i64,
    pub(crate) joined: String,
    pub(crate) certificate: Option<i64>,
}

/// How many looked at a step, tried it and solved it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StepCounts {
    pub(crate) viewed: i64,
    pub(crate) passed: i64,
    pub(crate) submissions: i64,
    pub(crate) correct: i64,
}

/// What learners of one attempt must not see.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    pub(crate) clue: Value,
    pub(crate) used: bool,
    /// When a timed attempt is over.
    pub(crate) ends: Option<Instant>,
    /// Whether its last submission came after that.
    pub(crate) is_late: bool,
    /// The file of a dataset quiz.
    pub(crate) file: Option<String>,
}

/// Work that the platform does after it has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    PrepareStep(i64),
    GradeSubmission(i64),
    RunCode(i64),
}

#[derive(Debug, Default)]
pub(crate) struct State {
    tables: BTreeMap<Kind, BTreeMap<i64, Object>>,
    handed_out: BTreeMap<Kind, i64>,
    other_id: i64,
    index: Index,
    pub(crate) switches: Switches,
    pub(crate) keyring: Keyring,
    pub(crate) groups: BTreeMap<i64, Group>,
    /// Keyed by (course, user).
    pub(crate) enrollments: BTreeMap<(i64, i64), Enrollment>,
    /// Keyed by (user, course): the fields of user-courses that differ from their defaults.
    pub(crate) user_courses: BTreeMap<(i64, i64), Object>,
    /// Keyed by (user, step).
    pub(crate) progress: HashMap<(i64, i64), StepProgress>,
    /// Keyed by step.
    pub(crate) step_counts: HashMap<i64, StepCounts>,
    /// Keyed by user: the fields of a profile that are not those of the user.
    pub(crate) profiles: BTreeMap<i64, Object>,
    /// Keyed by (user, course): the step that was looked at last, and when.
    pub(crate) last_steps: BTreeMap<(i64, i64), (i64, String)>,
    /// Keyed by (comment, user).
    pub(crate) votes: BTreeMap<(i64, i64), String>,
    /// Keyed by (unit, step).
    pub(crate) assignments: BTreeMap<(i64, i64), i64>,
    /// Keyed by the path of the file on the site.
    pub(crate) files: HashMap<String, Bytes>,
    pub(crate) secrets: HashMap<i64, Secret>,
    /// Attempts and submissions that were loaded: whoever saved them was allowed to see them.
    pub(crate) recorded: BTreeSet<(Kind, i64)>,
    /// Progresses that were loaded, by id.
    pub(crate) recorded_progresses: BTreeMap<String, Object>,
    /// Steps that were loaded in the learner's form only: their source is not known.
    pub(crate) sourceless: BTreeSet<i64>,
    /// The synthetic course whose objects are held in part.
    pub(crate) lean: Option<Lean>,
    pending: Vec<(Instant, Job)>,
    pub(crate) background_delay: Duration,
    /// The site's own address, for links to media.
    pub(crate) site: String,
}

impl State {
    pub(crate) fn get(&self, kind: Kind, id: i64) -> Option<&Object> {
        self.tables.get(&kind)?.get(&id)
    }

    pub(crate) fn get_mut(&mut self, kind: Kind, id: i64) -> Option<&mut Object> {
        self.tables.get_mut(&kind)?.get_mut(&id)
    }

    pub(crate) fn has(&self, kind: Kind, id: i64) -> bool {
        self.get(kind, id).is_some()
    }

    pub(crate) fn all(&self, kind: Kind) -> impl DoubleEndedIterator<Item = (i64, &Object)> {
        self.tables.get(&kind).into_iter().flatten().map(|(id, object)| (*id, object))
    }

    /// Ids of all objects of `kind` whose `key` holds `value`, ascending.
    pub(crate) fn ids_where(&self, kind: Kind, key: &str, value: i64) -> Vec<i64> {
        self.indexed(kind, key, value).unwrap_or_else(|| {
            self.all(kind).filter(|(_, object)| int(object, key) == Some(value)).map(|(id, _)| id).collect()
        })
    }

    /// The same, where no search through all objects is needed for it.
    pub(crate) fn indexed(&self, kind: Kind, key: &str, value: i64) -> Option<Vec<i64>> {
        self.index.find(kind, key, value)
    }

    pub(crate) fn put(&mut self, kind: Kind, id: i64, object: Object) {
        self.remove(kind, id);
        self.index.add(kind, id, &object);
        self.tables.entry(kind).or_default().insert(id, object);
    }

    pub(crate) fn remove(&mut self, kind: Kind, id: i64) -> Option<Object> {
        let gone = self.tables.get_mut(&kind)?.remove(&id)?;
        self.index.take_out(kind, id, &gone);
        Some(gone)
    }

    pub(crate) fn new_id(&mut self, kind: Kind) -> i64 {
        loop {
            let last = self.handed_out.entry(kind).or_insert_with(|| kind.first_id());
            *last += 1 + *last % 3;
            let id = *last;
            if !self.has(kind, id) {
                return id;
            }
        }
    }

    /// An id for something that has no table of its own (groups, assignments, grades).
    pub(crate) fn other_id(&mut self) -> i64 {
        self.other_id += 1;
        60_500_000 + self.other_id
    }

    pub(crate) fn later(&mut self, job: Job) {
        self.pending.retain(|(_, waiting)| *waiting != job);
        self.pending.push((Instant::now() + self.background_delay, job));
    }

    /// Does the background work that is due. Called before every request is handled.
    pub(crate) fn settle(&mut self) {
        let now = Instant::now();
        let (due, waiting) =
            std::mem::take(&mut self.pending).into_iter().partition(|(when, _)| *when <= now);
        self.pending = waiting;
        let due: Vec<(Instant, Job)> = due;
        for (_, job) in due {
            match job {
                Job::PrepareStep(id) => quiz::prepare_step(self, id),
                Job::GradeSubmission(id) => quiz::grade_submission(self, id),
                Job::RunCode(id) => plain::run_code(self, id),
            }
        }
    }

    /// The steps of a lesson that exist, in lesson order.
    pub(crate) fn steps_of(&self, lesson: i64) -> Vec<i64> {
        let listed = self.get(Kind::Lessons, lesson).map(|l| id_list(l, "steps")).unwrap_or_default();
        listed.into_iter().filter(|id| self.has(Kind::Steps, *id)).collect()
    }

    /// The units of a course that exist, in course order.
    pub(crate) fn units_of(&self, course: i64) -> Vec<i64> {
        let sections = self.get(Kind::Courses, course).map(|c| id_list(c, "sections")).unwrap_or_default();
        let units =
            sections.iter().filter_map(|id| self.get(Kind::Sections, *id)).flat_map(|s| id_list(s, "units"));
        units.filter(|id| self.has(Kind::Units, *id)).collect()
    }

    /// The course of a unit, through its section.
    pub(crate) fn course_of_unit(&self, unit: &Object) -> Option<i64> {
        int(self.get(Kind::Sections, int(unit, "section")?)?, "course")
    }

    /// The courses that a lesson is placed in.
    pub(crate) fn courses_of_lesson(&self, lesson: i64) -> BTreeSet<i64> {
        let units = self.ids_where(Kind::Units, "lesson", lesson);
        let units = units.into_iter().filter_map(|unit| self.get(Kind::Units, unit));
        units.filter_map(|unit| self.course_of_unit(unit)).collect()
    }
}

/// Now, with milliseconds, as in the answer to a write. (reference stepik.md 2.8)
pub(crate) fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(crate) fn unix_now() -> i64 {
    Timestamp::now().as_second()
}

/// The same moment in whole seconds, as in the answer to a read. (reference stepik.md 2.8)
pub(crate) fn whole_seconds(date: &str) -> String {
    match date.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => date.to_owned(),
    }
}
