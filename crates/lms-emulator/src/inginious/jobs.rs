//! Submissions from the first check to the grade (reference inginious.md 5, 11).

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::DateTime;

use super::Agent;
use super::access::now;
use super::app::App;
use super::container;
use super::course::Course;
use super::dispenser::TaskSettings;
use super::input::Input;
use super::mcq::{self, Outcome};
use super::state::{About, Record, Store, Submission};
use super::task::{Environment, Task};

/// A submission that was taken.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    /// Older submissions that are no longer stored.
    pub(crate) removed: Vec<String>,
}

/// Who submits what.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) course: Arc<Course>,
    pub(crate) task: Arc<Task>,
    pub(crate) username: String,
    pub(crate) through_api: bool,
}

/// Another submission of this user still waits for this task.
#[derive(Debug)]
pub(crate) struct Pending;

impl Store {
    /// Whether this user may submit now: task open, in a group where it is a group task, tries left for the
    /// whole group (reference inginious.md 11.1).
    pub(crate) fn may_submit(&mut self, course: &Course, task: &str, username: &str) -> bool {
        if course.is_staff(self.person(username, &course.id)) {
            return true;
        }
        let settings = course.dispenser.settings(task);
        if !settings.access.is_open(now()) {
            return false;
        }
        self.submitters(course, task, username).is_some_and(|members| {
            members.iter().all(|name| tries_left(self.saw(&course.id, task, name), &settings, now()))
        })
    }

    /// Who hands in when this user does; `None` for a student without a group at a group task.
    fn submitters(&self, course: &Course, task: &str, username: &str) -> Option<Vec<String>> {
        let alone = !course.dispenser.settings(task).group_submission
            || course.is_staff(self.person(username, &course.id));
        if alone {
            return Some(vec![username.to_owned()]);
        }
        self.group_of(&course.id, username).map(<[String]>::to_vec)
    }

    /// The grade of a course: weighted mean over the tasks that have started, rounded half to even, an integer;
    /// 0 before anything was seen (reference inginious.md 11.3).
    pub(crate) fn course_grade(&self, course: &Course, username: &str) -> i64 {
        if !self.records.keys().any(|(id, _, user)| *id == course.id && user == username) {
            return 0;
        }
        let (mut sum, mut weights) = (0.0, 0.0);
        for task in &course.tasks {
            let settings = course.dispenser.settings(&task.id);
            if settings.access.has_started(now()) {
                let grade = self.record(&course.id, &task.id, username).map_or(0.0, |record| record.grade);
                sum += settings.weight * grade;
                weights += settings.weight;
            }
        }
        if weights == 0.0 { 0 } else { (sum / weights).round_ties_even() as i64 }
    }

    /// Takes a submission and leaves it waiting.
    ///
    /// # Errors
    /// One of this user's submissions to the task still waits.
    fn take(&mut self, job: &Job, input: Vec<(String, Input)>) -> Result<Accepted, Pending> {
        let (course, task) = (&job.course.id, &job.task.id);
        if self.submissions_of(course, task, &job.username).iter().any(|s| s.outcome.is_none()) {
            return Err(Pending);
        }
        let record = self.saw(course, task, &job.username).clone();
        let moment = now();
        let usernames = self.submitters(&job.course, task, &job.username);
        let usernames = usernames.unwrap_or_else(|| vec![job.username.clone()]);
        let emails = usernames.iter().filter_map(|name| Some(self.users.get(name)?.email.as_str()));
        let about = About {
            email: emails.collect::<Vec<_>>().join(","),
            time: moment.strftime("%Y-%m-%d %H:%M:%S.%6f").to_string(),
            attempts: record.tried + 1,
            random: record.random.clone(),
            state: record.state.clone(),
        };
        let id = self.new_id();
        let milliseconds = moment.subsec_nanosecond() / 1_000_000 * 1_000_000;
        self.submissions.push(Submission {
            id: id.clone(),
            course: course.clone(),
            task: task.clone(),
            usernames,
            submitted_on: moment.with().subsec_nanosecond(milliseconds).build().unwrap_or(moment),
            through_api: job.through_api,
            input: input.into_iter().filter(|(name, _)| !ABOUT.contains(&name.as_str())).collect(),
            about,
            outcome: None,
        });
        let stored = job.course.dispenser.settings(task).stored;
        let removed =
            if stored == 0 { Vec::new() } else { self.forget_old(job, stored, record.counting.as_deref()) };
        Ok(Accepted { id, removed })
    }

    /// Keeps `stored` submissions of a task; the one that counts stays in any case (reference inginious.md 5.2).
    fn forget_old(&mut self, job: &Job, stored: usize, counting: Option<&str>) -> Vec<String> {
        let mine = self.submissions_of(&job.course.id, &job.task.id, &job.username);
        let surplus = mine.len().saturating_sub(stored);
        let oldest = mine.iter().rev().map(|s| s.id.clone()).filter(|id| Some(id.as_str()) != counting);
        let removed: Vec<String> = oldest.take(surplus).collect();
        self.submissions.retain(|submission| !removed.contains(&submission.id));
        removed
    }

    /// Writes down a grade, and which submission counts now (reference inginious.md 11.2).
    fn finish(&mut self, id: &str, settings: &TaskSettings, outcome: Outcome) {
        let Some(submission) = self.submissions.iter_mut().find(|submission| submission.id == id) else {
            return;
        };
        submission.outcome = Some(outcome.clone());
        let (course, task) = (submission.course.clone(), submission.task.clone());
        for user in submission.usernames.clone() {
            self.count(id, (&course, &task, &user), settings, &outcome);
        }
    }

    fn count(
        &mut self,
        id: &str,
        (course, task, user): (&str, &str, &str),
        settings: &TaskSettings,
        outcome: &Outcome,
    ) {
        let record = self.saw(course, task, user);
        record.tried += 1;
        record.used += 1;
        if let Some(state) = &outcome.state {
            record.state.clone_from(state);
        }
        if settings.last_counts || record.counting.is_none() || outcome.grade >= record.grade {
            record.grade = outcome.grade;
            record.succeeded = outcome.result == "success";
            record.counting = Some(id.to_owned());
        }
    }
}

/// Fields that the server always writes itself (reference inginious.md 5.1).
const ABOUT: [&str; 8] =
    ["@username", "@email", "@lang", "@time", "@attempts", "@random", "@state", "@action"];

fn tries_left(record: &mut Record, settings: &TaskSettings, at: DateTime) -> bool {
    if settings.limit_amount < 0 && settings.limit_period < 0 {
        return true;
    }
    let over = |since: DateTime| since.checked_add(settings.limit_period.hours()).is_ok_and(|end| end < at);
    if settings.limit_period > 0 && record.used_since.is_none_or(over) {
        record.used = 0;
        record.used_since = Some(at);
        return true;
    }
    // Without an amount, only the try that starts a period passes (reference inginious.md 9.5).
    record.used < settings.limit_amount
}

/// Takes a submission and has it graded in the background.
///
/// # Errors
/// One of this user's submissions to the task still waits.
pub(crate) fn submit(app: &Arc<App>, job: Job, input: Vec<(String, Input)>) -> Result<Accepted, Pending> {
    let accepted = app.store().take(&job, input)?;
    let (app, id) = (Arc::clone(app), accepted.id.clone());
    tokio::spawn(async move {
        tokio::time::sleep(app.grading_delay).await;
        let outcome = grade(&app, &job, &id).await;
        let settings = job.course.dispenser.settings(&job.task.id);
        app.store().finish(&id, &settings, outcome);
    });
    Ok(accepted)
}

async fn grade(app: &App, job: &Job, id: &str) -> Outcome {
    let submission = app.store().submissions.iter().find(|submission| submission.id == id).cloned();
    let Some(submission) = submission else { return Outcome::failure("crash", "The submission is gone.") };
    match &job.task.environment {
        Environment::Mcq { offered: true } => mcq::grade(&job.task, &submission.input),
        Environment::Mcq { offered: false } => Outcome::failure("crash", "Environment not available."),
        Environment::Container { .. } => {
            match container::prepare(app, &job.course.id, &job.task, &submission) {
                Some(run) => {
                    let mut agent = app.agent.subscribe();
                    // Its sender lives as long as the server.
                    let _ = agent.wait_for(|state| *state == Agent::Up).await;
                    tokio::select! {
                        outcome = run.grade() => outcome,
                        _ = agent.wait_for(|state| *state == Agent::Down) => {
                            Outcome::failure("crash", "Agent restarted")
                        }
                    }
                }
                // What a site answers whose agents do not offer the environment (reference inginious.md 5.3).
                None => Outcome::failure("crash", "Environment not available."),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_back_after_the_period() {
        let at = |text: &str| text.parse::<DateTime>().unwrap();
        let settings = |amount, period| TaskSettings {
            limit_amount: amount,
            limit_period: period,
            ..TaskSettings::default()
        };
        let mut record = Record { used: 2, used_since: Some(at("2026-01-01T10:00")), ..Record::default() };
        assert!(tries_left(&mut record.clone(), &settings(-1, -1), at("2026-01-01T10:30")));
        assert!(!tries_left(&mut record.clone(), &settings(2, -1), at("2027-01-01T10:30")));
        assert!(!tries_left(&mut record.clone(), &settings(2, 1), at("2026-01-01T10:59")));
        assert!(tries_left(&mut record, &settings(2, 1), at("2026-01-01T11:01")));
        let mut one = Record { used: 1, used_since: Some(at("2026-01-01T10:00")), ..Record::default() };
        assert!(!tries_left(&mut one, &settings(-1, 5), at("2026-01-01T11:00")));
    }
}
