//! Answering quizzes: attempt, submission, verdict (reference stepik.md 3.9, 3.10, 4.2).

use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use lms_core::{
    BlockId, CourseId, Error, ErrorKind, Exercise, Interaction, Markup, Paged, Patience, Platform, Response,
    Result, Submission, SubmissionId, SubmissionQuery, SubmissionState, SubmissionSupport, Submissions,
    Support, TaskAnswer, TaskRef, Verdict,
};
use lms_http::Rhythm;
use serde_json::{Value, json};

use crate::Stepik;
use crate::convert::{check_answer, offer, read_reply, reply};
use crate::export::ExportOptions;
use crate::objects::number;
use crate::tasks::{Shown, step_of};
use crate::wire::{self, Attempt, get};

const SUBMIT: &str = "submissions.submit";
const WAIT: &str = "submissions.wait";
/// As the command-line client does: from a tenth of a second on, ever more slowly
/// (reference stepik.md 4.2).
const RHYTHM: Rhythm =
    Rhythm { first: Duration::from_millis(100), growth: 1.5, longest: Duration::from_secs(10) };

/// Kinds whose attempt official clients keep for the next try; for the others they begin a new one
/// (reference stepik.md 4.2).
const KEEPS_ATTEMPT: [&str; 8] =
    ["string", "number", "math", "free-answer", "code", "sorting", "matching", "fill-blanks"];

/// Attempts begun for an option that not every attempt offers.
const MOST_ATTEMPTS: usize = 12;

#[async_trait]
impl Submissions for Stepik {
    fn support(&self) -> SubmissionSupport {
        SubmissionSupport {
            submit: Support::Native,
            get: Support::Native,
            list_own: Support::Native,
            list_others: Support::Native,
        }
    }

    async fn submit(&self, task: &TaskRef, answer: &TaskAnswer) -> Result<SubmissionId> {
        let step = step_of(task.task.as_str())?;
        let response = only(step, answer)?;
        let Shown { name, exercise, .. } = self.shown(step).await?;
        // Before an attempt is begun, which may use up one that is open.
        check_answer(&name, exercise.as_ref(), response)
            .map_err(|e| e.at(Platform::Stepik, SUBMIT).on(format!("task {}", task.task)))?;
        let mut attempt = self.attempt(SUBMIT, step, &name).await?;
        let mut begun = 0;
        let reply = loop {
            let dataset = offer(&attempt);
            match reply(self.site(), &name, exercise.as_ref(), response, &dataset) {
                Ok(reply) => break reply,
                // Where a learner is shown some of the options only, another attempt may have it.
                Err(_) if begun < MOST_ATTEMPTS && exercise.as_ref().is_some_and(shows_some) => {
                    attempt = self.create(SUBMIT, "attempts", "attempt", json!({"step": step})).await?;
                    begun += 1;
                }
                Err(e) => return Err(e.at(Platform::Stepik, SUBMIT).on(format!("task {}", task.task))),
            }
        };
        let payload = json!({"attempt": attempt.id, "reply": reply});
        match self.create::<wire::Submission>(SUBMIT, "submissions", "submission", payload).await {
            Ok(sent) => Ok(sent.id.into()),
            Err(e) => {
                let most = exercise.as_ref().and_then(|exercise| exercise.scoring.attempts);
                Err(self.refused(step, most, e).await)
            }
        }
    }

    async fn get(&self, task: &TaskRef, id: &SubmissionId) -> Result<Submission> {
        let step = step_of(task.task.as_str())?;
        let native = self.one("submissions.get", "submissions", number(id.as_str(), "submission")?).await?;
        let name = self.shown(step).await?.name;
        Ok(read(self, task, native, None, &name))
    }

    async fn wait(&self, task: &TaskRef, id: &SubmissionId, patience: Patience) -> Result<Submission> {
        let Patience { total } = patience;
        let step = step_of(task.task.as_str())?;
        let number = number(id.as_str(), "submission")?;
        let mut polling = RHYTHM.begin(total);
        loop {
            let native: wire::Submission = self.one(WAIT, "submissions", number).await?;
            if native.status != "evaluation" {
                let name = self.shown(step).await?.name;
                return Ok(read(self, task, native, None, &name));
            }
            // `eta` is a hint: of a long wait, the first half is slept through.
            let eta = native.eta.filter(|eta| eta.is_finite() && *eta > 5.0).unwrap_or_default();
            if !polling.pause_for(Duration::from_secs_f64(eta.min(60.0) / 2.0)).await {
                return Err(Error::new(ErrorKind::Timeout, "Stepik has not judged it yet; ask again later")
                    .at(Platform::Stepik, WAIT)
                    .on(format!("submission {id}")));
            }
        }
    }

    /// One page: the platform's order differs between callers (reference stepik.md 3.10), so all are
    /// fetched and put in order.
    fn list(&self, task: &TaskRef, query: SubmissionQuery) -> Result<Paged<Submission>> {
        const OPERATION: &str = "submissions.list";
        let SubmissionQuery { user, from } = query;
        if from.is_some() {
            return Err(Error::unsupported(Platform::Stepik, "submissions.list from a cursor"));
        }
        let step = step_of(task.task.as_str())?;
        let user = user.map(|user| number(user.as_str(), "user")).transpose()?;
        let (this, task) = (self.clone(), task.clone());
        Ok(Paged::new(None, move |_| {
            let (this, task) = (this.clone(), task.clone());
            async move {
                let (user, found) = this.own_submissions(OPERATION, step, user).await?;
                let name = this.shown(step).await?.name;
                Ok(lms_core::Page::last(
                    found.into_iter().map(|native| read(&this, &task, native, Some(user), &name)).collect(),
                ))
            }
        }))
    }

    /// As [`Stepik::export_submissions`].
    fn of_course(&self, course: &CourseId) -> Result<BoxStream<'static, Result<Submission>>> {
        self.export_submissions(course, ExportOptions::default())
    }
}

impl Stepik {
    /// Why a submission was refused. What the platform says when no try is left is not known (reference
    /// stepik.md 4.2), so the tries are counted then.
    async fn refused(&self, step: u64, most: Option<u32>, error: Error) -> Error {
        let error = error.on(format!("task {step}"));
        let (ErrorKind::InvalidInput | ErrorKind::PermissionDenied, Some(most)) = (error.kind(), most) else {
            return error;
        };
        match self.own_submissions(SUBMIT, step, None).await {
            Ok((_, sent)) if sent.len() >= most as usize => {
                let status = error.status();
                let spent = Error::new(
                    ErrorKind::PermissionDenied,
                    format!("no try is left: {} of {most} submissions were sent", sent.len()),
                )
                .at(Platform::Stepik, SUBMIT)
                .on(format!("task {step}"))
                .with_source(error);
                if let Some(status) = status { spent.with_status(status) } else { spent }
            }
            _ => error,
        }
    }

    /// The quiz as it was last shown: the positions of an answer are its.
    async fn shown(&self, step: u64) -> Result<Shown> {
        let known = self.memory().shown.get(&step).cloned();
        if let Some(shown) = known {
            return Ok(shown);
        }
        let shown = self.show(SUBMIT, step).await?;
        self.memory().shown.insert(step, shown.clone());
        Ok(shown)
    }

    /// The attempt to answer in: the newest if it is open and can still be used, else a new one.
    pub(crate) async fn attempt(&self, operation: &'static str, step: u64, name: &str) -> Result<Attempt> {
        let user = self.my_id(operation).await?;
        let query = vec![("step", step.to_string()), ("user", user.to_string())];
        // Newest first, so that one page is enough (reference stepik.md 3.9).
        let attempts: Vec<Attempt> = self.first_page(operation, "attempts", query).await?;
        let newest = attempts
            .into_iter()
            .filter(|attempt| attempt.step == step && attempt.user.is_none_or(|owner| owner == user))
            .max_by_key(|attempt| attempt.id)
            .filter(|attempt| attempt.status == "active");
        if let Some(attempt) = newest {
            if KEEPS_ATTEMPT.contains(&name) {
                return Ok(attempt);
            }
            let query = vec![("attempt", attempt.id.to_string())];
            let used: Vec<wire::Submission> = self.first_page(operation, "submissions", query).await?;
            if used.iter().all(|submission| submission.attempt != attempt.id) {
                return Ok(attempt);
            }
        }
        self.create(operation, "attempts", "attempt", json!({"step": step})).await
    }

    /// The submissions of one account, newest first, and whose they are.
    pub(crate) async fn own_submissions(
        &self,
        operation: &'static str,
        step: u64,
        user: Option<u64>,
    ) -> Result<(u64, Vec<wire::Submission>)> {
        let user = match user {
            Some(user) => user,
            None => self.my_id(operation).await?,
        };
        let query =
            vec![("step", step.to_string()), ("user", user.to_string()), ("order", "desc".to_owned())];
        let mut found: Vec<wire::Submission> = self.all(operation, "submissions", query).await?;
        found.sort_by_key(|submission| std::cmp::Reverse(submission.id));
        Ok((user, found))
    }
}

fn shows_some(exercise: &Exercise) -> bool {
    matches!(&exercise.interaction, Interaction::Choice(choice) if choice.shown.is_some())
}

/// The one answer that a step takes.
fn only(step: u64, answer: &TaskAnswer) -> Result<&Response> {
    let mut answers = answer.0.iter();
    match (answers.next(), answers.next()) {
        (Some((block, response)), None) if step_of(block.as_str()).is_ok_and(|block| block == step) => {
            Ok(response)
        }
        _ => Err(Error::invalid("a step of Stepik takes one answer, under the id of its block")
            .at(Platform::Stepik, SUBMIT)
            .on(format!("task {step}"))),
    }
}

/// A native submission as the neutral model has it.
pub(crate) fn read(
    stepik: &Stepik,
    task: &TaskRef,
    native: wire::Submission,
    user: Option<u64>,
    name: &str,
) -> Submission {
    let block = BlockId::from(task.task.as_str());
    let judged = native.status != "evaluation";
    let verdict = judged.then(|| {
        // Part marks come as `correct` with a score below 1, or as `partially_correct`; the score is
        // the truth (reference stepik.md 4.2).
        let right = native.status != "wrong";
        let score = native.score.unwrap_or(if right { 1.0 } else { 0.0 });
        let correct = right && score >= 1.0;
        Verdict {
            correct,
            score,
            feedback: feedback(stepik, &native, name),
            parts: vec![(block.clone(), correct)],
        }
    });
    let answer = read_reply(name, &native.reply).map(|response| TaskAnswer::one(block, response));
    Submission {
        id: native.id.into(),
        task: task.task.clone(),
        user: user.map(Into::into),
        at: native.time.and_then(|time| time.parse().ok()),
        state: if judged { SubmissionState::Judged } else { SubmissionState::Pending },
        verdict,
        answer,
    }
}

/// What is said: the hint, and feedback in one of its shapes (reference stepik.md 4.3).
fn feedback(stepik: &Stepik, native: &wire::Submission, name: &str) -> Markup {
    // Output of programs and compilers is no HTML.
    let said = |text: &str| match name {
        "code" if !text.trim().is_empty() => {
            Markup::from_html(format!("<pre>{}</pre>", lms_core::escape(text)))
        }
        _ => stepik.site().read(text),
    };
    let mut all = said(&native.hint);
    match &native.feedback {
        Value::String(text) if *text != native.hint => all = all.then(&said(text)),
        Value::Object(of) => {
            for text in get::list(of, "options_feedback").iter().filter_map(Value::as_str) {
                all = all.then(&said(text));
            }
            all = all.then(&said(get::text(of, "message")));
            let blanks = (1..).zip(get::list(of, "blanks_feedback"));
            for (n, _) in blanks.filter(|(_, right)| right.as_bool() == Some(false)) {
                let n: usize = n;
                all = all.then(&Markup::from_html(format!("<p>Blank {n} is wrong.</p>")));
            }
            let style = get::object(of, "code_style").map(|style| get::list(style, "errors"));
            for error in style.unwrap_or_default().iter().filter_map(Value::as_object) {
                let at =
                    get::number(error, "line_number").map_or_else(String::new, |n| format!("Line {n}: "));
                let text = lms_core::escape(get::text(error, "text"));
                all = all.then(&Markup::from_html(format!("<p>{at}{text}</p>")));
            }
        }
        _ => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StepikBuilder;

    /// Feedback in the shapes that clients were seen to read (reference stepik.md 4.3).
    #[test]
    fn feedback_of_every_shape_is_told() {
        let stepik = StepikBuilder::new().build().expect("a provider");
        let style = json!({"message": "Tests passed", "code_style": {"errors":
            [{"code": "E501", "text": "line > 79", "line": "x", "line_number": 3, "column_number": 80}]}});
        for (name, hint, given, told) in [
            ("choice", "", json!(""), ""),
            ("choice", "Think again", json!("Think again"), "Think again"),
            ("choice", "", json!({"options_feedback": ["", "too big"]}), "too big"),
            ("fill-blanks", "", json!({"blanks_feedback": [true, false]}), "<p>Blank 2 is wrong.</p>"),
            ("code", "a < b", json!(""), "<pre>a &lt; b</pre>"),
            ("code", "", style, "<pre>Tests passed</pre>\n<p>Line 3: line &gt; 79</p>"),
        ] {
            let native: wire::Submission = serde_json::from_value(
                json!({"id": 1, "status": "wrong", "hint": hint, "feedback": given, "attempt": 2}),
            )
            .expect("a submission");
            assert_eq!(feedback(&stepik, &native, name).html(), told, "{given}");
        }
    }

    /// The score is the truth (reference stepik.md 4.2), and may come as text (reference stepik.md 2.8).
    #[test]
    fn part_marks_are_not_right() {
        let stepik = StepikBuilder::new().build().expect("a provider");
        let task = TaskRef::new("1", "2");
        for (status, score, correct, share) in [
            ("correct", json!(1.0), true, 1.0),
            ("correct", json!("0.5"), false, 0.5),
            ("partially_correct", json!(0.25), false, 0.25),
            ("wrong", json!("0"), false, 0.0),
            ("succeed", Value::Null, true, 1.0),
        ] {
            let native =
                serde_json::from_value(json!({"id": 1, "status": status, "score": score})).expect("it");
            let verdict = read(&stepik, &task, native, None, "number").verdict.expect("a verdict");
            assert_eq!((verdict.correct, verdict.score), (correct, share), "{status} {score}");
        }
    }
}
