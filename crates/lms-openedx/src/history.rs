//! What somebody has answered before, for staff (reference openedx.md 3.11).

use std::collections::BTreeMap;

use lms_core::{
    BlockId, Cursor, Markup, Paged, Result, Submission, SubmissionId, SubmissionState, TaskRef, UserId,
    Verdict,
};
use lms_http::{PageBody, Route};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::OpenEdx;
use crate::keys::CourseKey;
use crate::page::{cursor, date};

#[derive(Deserialize)]
struct OfUser<S> {
    user: String,
    #[serde(default = "Vec::new")]
    problems: Vec<OfProblem<S>>,
}

#[derive(Deserialize)]
struct OfProblem<S> {
    location: String,
    #[serde(default = "Vec::new")]
    submission_history: Vec<Entry<S>>,
}

#[derive(Deserialize)]
struct Entry<S> {
    state: S,
    #[serde(default)]
    grade: Option<f64>,
    #[serde(default)]
    max_grade: Option<f64>,
}

/// One state of a problem, as the platform keeps it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProblemState {
    /// Whose it is.
    pub user: UserId,
    /// Points earned, weighted; `None` before the first answer.
    pub earned: Option<f64>,
    /// Points there are.
    pub possible: Option<f64>,
    /// The whole state in the platform's own words: `attempts`, `student_answers`, `correct_map`, `seed`, …
    pub state: Value,
}

/// The state of a problem as it is stored (3.10).
#[derive(Deserialize)]
struct State {
    #[serde(default)]
    attempts: Option<u64>,
    #[serde(default)]
    last_submission_time: Option<String>,
    #[serde(default)]
    correct_map: BTreeMap<String, Input>,
}

#[derive(Deserialize)]
struct Input {
    #[serde(default)]
    correctness: Option<String>,
}

impl OpenEdx {
    /// Calls `GET /api/grades/v1/submission_history/{course}/?username=`, for global staff. The platform has no
    /// history of a single problem: that of the course is read and the rest left out. Only problems four levels
    /// down are in it, and only on sites that keep the history.
    pub(crate) fn history(
        &self,
        task: &TaskRef,
        user: &UserId,
        from: Option<Cursor>,
    ) -> Result<Paged<Submission>> {
        let task_of = task.clone();
        self.states(task, user, from, move |entry: Entry<State>, user| submission(entry, &task_of, user))
    }

    /// Every state of a problem that the platform keeps of a learner, the newest first: answers, marks, attempts,
    /// saved answers too. Calls `GET /api/grades/v1/submission_history/{course}/?username=`, for global staff, on sites
    /// that keep the history.
    ///
    /// # Errors
    /// `InvalidInput` at once for what is no key; `PermissionDenied`; `NotFound`.
    pub fn problem_states(
        &self,
        task: &TaskRef,
        user: &UserId,
        from: Option<Cursor>,
    ) -> Result<Paged<ProblemState>> {
        self.states(task, user, from, |entry: Entry<Value>, user| {
            let Entry { state, grade, max_grade } = entry;
            Ok(Some(ProblemState { user: user.into(), earned: grade, possible: max_grade, state }))
        })
    }

    fn states<S, T, R>(
        &self,
        task: &TaskRef,
        user: &UserId,
        from: Option<Cursor>,
        read: R,
    ) -> Result<Paged<T>>
    where
        S: DeserializeOwned,
        T: Send + 'static,
        R: Fn(Entry<S>, &str) -> Result<Option<T>> + Send + Sync + 'static,
    {
        let usage = CourseKey::problem(task)?;
        let (site, of, user) = (self.clone(), task.clone(), user.clone());
        let first = move || {
            let request = site
                .lms()
                .get(Route::new("/api/grades/v1/submission_history/{course}/").id(&of.course))
                .operation("submissions.history")
                .resource(&of.task)
                .query("username", &user);
            async move { Ok(request) }
        };
        Ok(cursor().list_with(from, first, move |page: &mut PageBody| {
            let people: Vec<OfUser<S>> = page.items()?;
            let mut found = Vec::new();
            for person in people {
                let problems = person.problems.into_iter().filter(|problem| problem.location == usage);
                for entry in problems.flat_map(|problem| problem.submission_history) {
                    found.extend(read(entry, &person.user)?);
                }
            }
            Ok(found)
        }))
    }
}

/// `None` for a state without an attempt, such as answers that were saved only.
fn submission(entry: Entry<State>, task: &TaskRef, user: &str) -> Result<Option<Submission>> {
    let Entry { state, grade, max_grade } = entry;
    let Some(attempts) = state.attempts.filter(|attempts| *attempts > 0) else { return Ok(None) };
    let correctness = |input: &Input| input.correctness.as_deref().unwrap_or_default().to_owned();
    let queued = state.correct_map.values().any(|input| correctness(input) == "incomplete");
    let parts: Vec<(BlockId, bool)> = state
        .correct_map
        .iter()
        .map(|(id, input)| (BlockId::from(id.as_str()), correctness(input) == "correct"))
        .collect();
    let verdict =
        grade.zip(max_grade).filter(|(_, most)| *most > 0.0 && !queued).map(|(grade, most)| Verdict {
            correct: !parts.is_empty() && parts.iter().all(|(_, right)| *right),
            score: grade / most,
            feedback: Markup::default(),
            parts,
        });
    Ok(Some(Submission {
        id: SubmissionId::from(attempts),
        task: task.task.clone(),
        user: Some(user.into()),
        at: date(state.last_submission_time.as_deref())?,
        state: if queued { SubmissionState::Pending } else { SubmissionState::Judged },
        verdict,
        answer: None,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(correctness: [&str; 2], attempts: u64) -> Option<Submission> {
        let [first, second] = correctness.map(|c| json!({ "correctness": c }));
        let entry = json!({
            "state": {"attempts": attempts, "correct_map": {"p_2_1": first, "p_3_1": second}},
            "grade": 3.0, "max_grade": 4.0,
        });
        let entry: Entry<State> = serde_json::from_value(entry).expect("an entry");
        submission(entry, &TaskRef::new("course-v1:o+c+r", "p"), "ann").expect("dates")
    }

    #[test]
    fn marks_of_the_history_are_those_of_its_inputs() {
        let verdict = |correctness| read(correctness, 1).and_then(|s| s.verdict).expect("a verdict");
        let all = verdict(["correct", "correct"]);
        assert_eq!((all.correct, all.score), (true, 0.75));
        let part = verdict(["correct", "partially-correct"]);
        let right: Vec<bool> = part.parts.iter().map(|(_, right)| *right).collect();
        assert_eq!((part.correct, right), (false, vec![true, false]));
        let waiting = read(["correct", "incomplete"], 1).expect("an answer");
        assert_eq!((waiting.state, waiting.verdict), (SubmissionState::Pending, None));
        assert_eq!(read(["correct", "correct"], 0), None, "saved, not submitted");
    }
}
