//! Answering problems.

use std::time::Duration;

use async_trait::async_trait;
use lms_core::{
    BlockId, Error, ErrorKind, Markup, Page, Paged, Patience, Platform, Result, Submission, SubmissionId,
    SubmissionQuery, SubmissionState, SubmissionSupport, Submissions, Support, TaskAnswer, TaskRef, Verdict,
};
use lms_http::{Rhythm, Safety};

use crate::OpenEdx;
use crate::problem_page::ProblemPage;
use crate::problems::capa;
use crate::wire::ProblemAnswer;

const RHYTHM: Rhythm =
    Rhythm { first: Duration::from_millis(500), growth: 2.0, longest: Duration::from_secs(10) };

#[async_trait]
impl Submissions for OpenEdx {
    fn support(&self) -> SubmissionSupport {
        SubmissionSupport {
            submit: Support::Native,
            get: Support::Emulated,
            list_own: Support::Emulated,
            list_others: Support::Native,
        }
    }

    /// Calls `problem_get` for the names of the inputs, then `problem_check`. The id is the number of the
    /// attempt: the platform keeps the latest answer only and names none.
    async fn submit(&self, task: &TaskRef, answer: &TaskAnswer) -> Result<SubmissionId> {
        let usage = capa(task, "submissions.submit")?;
        let seen: ProblemAnswer =
            self.handler(task, &usage, "problem_get", Safety::Read).await?.send_json().await?;
        let page = ProblemPage::read(&seen, &usage)?;
        if page.attempts_left(seen.attempts_used) == Some(0) {
            return Err(Error::new(ErrorKind::Conflict, "no attempts are left")
                .at(Platform::OpenEdx, "submissions.submit")
                .on(&task.task));
        }
        let form = form(&page, answer, task)?;
        let form: Vec<(&str, &str)> = form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let checked: ProblemAnswer =
            self.handler(task, &usage, "problem_check", Safety::Once).await?.form(&form).send_json().await?;
        // A refusal is a 200 with the reason in `success`, which the dialect makes an error.
        if checked.success.is_none() {
            return Err(Error::new(ErrorKind::Protocol, "the answer does not say what came of it")
                .at(Platform::OpenEdx, "submissions.submit")
                .on(&task.task));
        }
        Ok(SubmissionId::from(u64::from(checked.attempts_used.unwrap_or(0))))
    }

    /// Calls `problem_get`: how the latest answer stands.
    async fn get(&self, task: &TaskRef, id: &SubmissionId) -> Result<Submission> {
        let submission = self.latest(task).await?;
        match submission {
            Some(submission) if submission.id == *id => Ok(submission),
            _ => Err(Error::new(ErrorKind::NotFound, "the platform keeps the latest answer only")
                .at(Platform::OpenEdx, "submissions.get")
                .on(id)),
        }
    }

    /// Problems are judged at once, but for those that wait for an external grader.
    async fn wait(&self, task: &TaskRef, id: &SubmissionId, patience: Patience) -> Result<Submission> {
        let mut polling = RHYTHM.begin(patience.total);
        loop {
            let submission = Submissions::get(self, task, id).await?;
            if submission.state != SubmissionState::Pending {
                return Ok(submission);
            }
            if !polling.pause().await {
                return Err(Error::new(ErrorKind::Timeout, "no verdict yet; ask for it later")
                    .at(Platform::OpenEdx, "submissions.wait")
                    .on(id));
            }
        }
    }

    /// One's own latest answer; others' from the history that the platform keeps, the newest first, for staff.
    fn list(&self, task: &TaskRef, query: SubmissionQuery) -> Result<Paged<Submission>> {
        let SubmissionQuery { user, from } = query;
        if let Some(user) = user {
            return self.history(task, &user, from);
        }
        if from.is_some() {
            return Err(Error::unsupported(Platform::OpenEdx, "submissions.list from a place"));
        }
        let (site, task) = (self.clone(), task.clone());
        Ok(Paged::new(None, move |_| {
            let (site, task) = (site.clone(), task.clone());
            async move { Ok(Page::last(site.latest(&task).await?.into_iter().collect())) }
        }))
    }
}

impl OpenEdx {
    async fn latest(&self, task: &TaskRef) -> Result<Option<Submission>> {
        let usage = capa(task, "submissions.get")?;
        let answer: ProblemAnswer =
            self.handler(task, &usage, "problem_get", Safety::Read).await?.send_json().await?;
        let page = ProblemPage::read(&answer, &usage)?;
        Ok(latest_of(task, &page, &answer))
    }
}

/// What the latest answer came to, as a problem's page tells; `None` before the first.
pub(crate) fn latest_of(task: &TaskRef, page: &ProblemPage, answer: &ProblemAnswer) -> Option<Submission> {
    let attempts = answer.attempts_used.unwrap_or(0);
    if attempts == 0 {
        return None;
    }
    let queued =
        page.inputs.iter().any(|i| matches!(i.status.as_str(), "processing" | "queued" | "incomplete"));
    let parts: Vec<(BlockId, bool)> =
        page.inputs.iter().map(|i| (i.id.as_str().into(), i.status == "correct")).collect();
    // The score is null while correctness is hidden; then there is no verdict to give.
    let verdict = answer.current_score.filter(|_| !queued).map(|score| {
        let possible = answer.total_possible.unwrap_or(0.0);
        let share = if possible > 0.0 { score / possible } else { 0.0 };
        // `success` says `correct` for a partly right answer too: the marks of the inputs decide.
        Verdict {
            correct: !parts.is_empty() && parts.iter().all(|(_, right)| *right),
            score: share,
            feedback: Markup::default(),
            parts,
        }
    });
    Some(Submission {
        id: SubmissionId::from(u64::from(attempts)),
        task: task.task.clone(),
        user: None,
        at: None,
        state: if queued { SubmissionState::Pending } else { SubmissionState::Judged },
        verdict,
        answer: None,
    })
}

/// The fields of all inputs; every one must be answered by name, none may be left over.
pub(crate) fn form(page: &ProblemPage, answer: &TaskAnswer, task: &TaskRef) -> Result<Vec<(String, String)>> {
    let wrong =
        |message: String| Error::invalid(message).at(Platform::OpenEdx, "submissions.submit").on(&task.task);
    let known = || page.inputs.iter().map(|i| i.id.as_str()).collect::<Vec<_>>().join(", ");
    if let Some(stray) = answer.0.keys().find(|id| !page.inputs.iter().any(|i| i.id == id.as_str())) {
        return Err(wrong(format!("the problem has no part {stray}; its parts are {}", known())));
    }
    let mut fields = Vec::new();
    for input in &page.inputs {
        let response = answer.0.get(&BlockId::from(input.id.as_str())).ok_or_else(|| {
            wrong(format!("the part {} is not answered; the parts are {}", input.id, known()))
        })?;
        fields.extend(input.fields(response)?);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is read from a page with these marks on its inputs.
    fn latest(statuses: &[&str], more: serde_json::Value) -> Option<Submission> {
        let inputs: String = (2..)
            .zip(statuses)
            .map(|(n, status)| {
                format!(
                    "<div><input type=\"text\" name=\"input_p_{n}_1\"/>\
                     <span class=\"status {status}\" id=\"status_p_{n}_1\"></span></div>"
                )
            })
            .collect();
        let mut answer = json!({ "html": format!("<div class=\"problem\"><div>{inputs}</div></div>") });
        for (key, value) in more.as_object().expect("an object") {
            answer[key] = value.clone();
        }
        let answer: ProblemAnswer = serde_json::from_value(answer).expect("an answer");
        let page = ProblemPage::read(&answer, "p").expect("a page");
        latest_of(&TaskRef::new("course-v1:o+c+r", "p"), &page, &answer)
    }

    #[test]
    fn only_what_is_wholly_right_is_right_and_the_share_is_that_of_the_points() {
        let scored =
            |earned: f64| json!({"attempts_used": 2, "current_score": earned, "total_possible": 4.0});
        let verdict = |statuses: &[&str], earned| {
            let verdict = latest(statuses, scored(earned)).and_then(|s| s.verdict).expect("a verdict");
            let parts: Vec<bool> = verdict.parts.iter().map(|(_, right)| *right).collect();
            (verdict.correct, verdict.score, parts)
        };
        assert_eq!(verdict(&["correct", "correct"], 4.0), (true, 1.0, vec![true, true]));
        assert_eq!(verdict(&["correct", "incorrect"], 2.0), (false, 0.5, vec![true, false]));
        assert_eq!(verdict(&["partially-correct"], 1.0), (false, 0.25, vec![false]));
        assert_eq!(verdict(&["unanswered", "incorrect"], 0.0), (false, 0.0, vec![false, false]));
    }

    #[test]
    fn what_waits_for_a_grader_or_is_hidden_has_no_verdict() {
        let scored = json!({"attempts_used": 1, "current_score": 0.0, "total_possible": 1.0});
        for status in ["processing", "queued", "incomplete"] {
            let found = latest(&["correct", status], scored.clone()).expect("an answer");
            assert_eq!((found.state, found.verdict), (SubmissionState::Pending, None), "{status}");
        }
        let hidden = json!({"attempts_used": 1, "current_score": null, "total_possible": 1.0});
        let found = latest(&["submitted"], hidden).expect("an answer");
        assert_eq!((found.state, found.verdict), (SubmissionState::Judged, None));
        assert_eq!(latest(&["unanswered"], json!({"attempts_used": 0})), None);
    }
}
