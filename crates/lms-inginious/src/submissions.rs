//! Answering tasks (reference inginious.md 5).

use std::time::Duration;

use async_trait::async_trait;
use lms_core::{
    Error, ErrorKind, Markup, Page as Listed, Paged, Patience, Platform, Result, Submission, SubmissionId,
    SubmissionQuery, SubmissionState, SubmissionSupport, Submissions, Support, TaskAnswer, TaskRef, Verdict,
};
use lms_http::{Method, Rhythm, Route, Safety};
use serde_json::Value;
use url::Url;

use crate::answer::Fields;
use crate::dialect::{self, GET, WAIT};
use crate::page::Page;
use crate::{Inginious, SubmitBy, wire};

const SUBMIT: &str = "submissions.submit";
const RHYTHM: Rhythm =
    Rhythm { first: Duration::from_millis(200), growth: 1.5, longest: Duration::from_secs(5) };

#[async_trait]
impl Submissions for Inginious {
    fn support(&self) -> SubmissionSupport {
        SubmissionSupport {
            submit: match self.submit_by() {
                SubmitBy::Web => Support::Emulated,
                SubmitBy::Api => Support::Native,
            },
            get: Support::Native,
            list_own: Support::Native,
            list_others: Support::No,
        }
    }

    /// Reads the task, checks the answer by its rules, and sends it: by the form of its page, or by the API
    /// ([`SubmitBy`]). Sent once and never again by itself: after `OutcomeUnknown`, look at
    /// [`Submissions::list`] before sending anew, since a second one may use up a try.
    ///
    /// # Errors
    /// `Conflict` while an earlier answer to the task waits to be judged, or its random numbers were
    /// drawn anew; `PermissionDenied` where the task is closed or no tries are left.
    async fn submit(&self, task: &TaskRef, answer: &TaskAnswer) -> Result<SubmissionId> {
        let native = self.task(SUBMIT, task).await?;
        let mut fields = Fields::new(&native, answer)?;
        let route = match self.submit_by() {
            SubmitBy::Api => own_submissions(task),
            SubmitBy::Web => {
                for (name, value) in self.random_inputs(task).await? {
                    fields.push(name, value);
                }
                fields.push("@action", "submit");
                page(task)
            }
        };
        let request =
            self.client().request(Method::Post, route, Safety::Once).operation(SUBMIT).resource(named(task));
        match fields.attach(request).send_json::<wire::Sent>().await {
            Ok(sent) => Ok(sent.submissionid.into()),
            Err(error) => {
                // The page may have changed: look at it anew next time.
                self.without_random().remove(task);
                Err(error)
            }
        }
    }

    async fn get(&self, task: &TaskRef, id: &SubmissionId) -> Result<Submission> {
        let native = self.submission(GET, task, id).await?;
        self.read_with_reason(GET, task, native).await
    }

    async fn wait(&self, task: &TaskRef, id: &SubmissionId, patience: Patience) -> Result<Submission> {
        let Patience { total } = patience;
        let mut polling = RHYTHM.begin(total);
        loop {
            let native = self.submission(WAIT, task, id).await?;
            if native.status != "waiting" {
                return self.read_with_reason(WAIT, task, native).await;
            }
            if !polling.pause().await {
                return Err(Error::new(ErrorKind::Timeout, "it is not judged yet; ask again later")
                    .at(Platform::Inginious, WAIT)
                    .on(format!("submission {id}")));
            }
        }
    }

    /// One request, no pages. Why a submission could not be judged is told by [`Submissions::get`] only.
    fn list(&self, task: &TaskRef, query: SubmissionQuery) -> Result<Paged<Submission>> {
        const OPERATION: &str = "submissions.list";
        let SubmissionQuery { user, from } = query;
        if from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, "submissions.list from a cursor"));
        }
        if user.is_some_and(|user| self.username(OPERATION).map_or(true, |me| me != user.as_str())) {
            return Err(Error::unsupported(Platform::Inginious, "submissions.list of others"));
        }
        let (this, task) = (self.clone(), task.clone());
        Ok(Paged::new(None, move |_| {
            let (this, task) = (this.clone(), task.clone());
            async move {
                let found = this.own_submissions(OPERATION, &task).await?;
                let read = found.into_iter().map(|native| this.read(&task, native));
                Ok(Listed::last(read.collect::<Result<_>>()?))
            }
        }))
    }
}

impl Inginious {
    async fn own_submissions(
        &self,
        operation: &'static str,
        task: &TaskRef,
    ) -> Result<Vec<wire::Submission>> {
        self.client().get(own_submissions(task)).operation(operation).resource(named(task)).send_json().await
    }

    async fn submission(
        &self,
        operation: &'static str,
        task: &TaskRef,
        id: &SubmissionId,
    ) -> Result<wire::Submission> {
        let found: Vec<wire::Submission> = self
            .client()
            .get(
                Route::new("/api/v0/courses/{course}/tasks/{task}/submissions/{id}")
                    .id(&task.course)
                    .id(&task.task)
                    .id(id),
            )
            .operation(operation)
            .resource(format!("submission {id}"))
            .send_json()
            .await?;
        found.into_iter().next().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "there is no such submission")
                .at(Platform::Inginious, operation)
                .on(format!("submission {id}"))
        })
    }

    /// The random numbers that belong to an answer; opening the page draws them. The API does not tell
    /// which tasks have them.
    async fn random_inputs(&self, task: &TaskRef) -> Result<Vec<(String, String)>> {
        if self.without_random().contains(task) {
            return Ok(Vec::new());
        }
        let page = self.client().get(page(task)).operation(SUBMIT).resource(named(task)).send().await?;
        if let Some(error) = dialect::elsewhere(page.url().path()) {
            return Err(error.at(Platform::Inginious, SUBMIT).on(named(task)));
        }
        let inputs = Page::parse(&page.text().await?).random_inputs();
        if inputs.is_empty() {
            self.without_random().insert(task.clone());
        }
        Ok(inputs)
    }

    fn read(&self, task: &TaskRef, native: wire::Submission) -> Result<Submission> {
        let state = match native.status.as_str() {
            "waiting" => SubmissionState::Pending,
            "done" => SubmissionState::Judged,
            "error" => SubmissionState::Failed,
            other => {
                return Err(Error::new(ErrorKind::Protocol, format!("a submission cannot be {other:?}"))
                    .at(Platform::Inginious, GET)
                    .on(format!("submission {}", native.id)));
            }
        };
        let verdict = (state == SubmissionState::Judged).then(|| self.verdict(task, &native));
        Ok(Submission {
            at: self.time(&native.submitted_on),
            id: native.id.into(),
            task: task.task.clone(),
            user: None,
            state,
            verdict,
            answer: None,
        })
    }

    fn verdict(&self, task: &TaskRef, native: &wire::Submission) -> Verdict {
        let mut feedback = self.feedback(task, &native.feedback);
        let mut parts = Vec::new();
        for (problem, said) in &native.problems_feedback {
            // A pair of result and text; some versions gave the text alone (reference inginious.md 8).
            let (result, text) = match said {
                Value::Array(pair) => {
                    (pair.first().and_then(Value::as_str), pair.get(1).and_then(Value::as_str))
                }
                said => (None, said.as_str()),
            };
            if let Some(result) = result {
                parts.push((problem.as_str().into(), result == "success"));
            }
            feedback = feedback.then(&self.feedback(task, text.unwrap_or_default()));
        }
        Verdict {
            correct: native.result.as_deref() == Some("success"),
            score: native.grade.unwrap_or_default() / 100.0,
            feedback,
            parts,
        }
    }

    /// HTML that graders made; addresses in it are those of the task's page.
    fn feedback(&self, task: &TaskRef, html: &str) -> Markup {
        let page = Url::parse(&self.task_page(task)).ok();
        let html = html.trim().replace("<span class=\"math\">", "<span class=\"math inline\">");
        Markup::from_html(html).map_links(|link| {
            let fixed = link.is_empty() || link.starts_with('#') || Url::parse(link).is_ok();
            if fixed { None } else { page.as_ref()?.join(link).ok().map(String::from) }
        })
    }

    /// The API does not say why a submission could not be judged; the form does (reference inginious.md 1,
    /// fact 9).
    async fn read_with_reason(
        &self,
        operation: &'static str,
        task: &TaskRef,
        native: wire::Submission,
    ) -> Result<Submission> {
        let mut read = self.read(task, native)?;
        if read.state != SubmissionState::Failed {
            return Ok(read);
        }
        let reason = self
            .client()
            .request(Method::Post, page(task), Safety::Read)
            .operation(operation)
            .resource(format!("submission {}", read.id))
            .form(&[("@action", "check"), ("submissionid", read.id.as_str())])
            .send_json::<wire::Check>()
            .await;
        // The submission itself was read; a page that is closed by now does not take it away.
        if let Ok(wire::Check { title, text }) = reason {
            let said = self.feedback(task, &title).then(&self.feedback(task, &text));
            read.verdict = Some(Verdict { correct: false, score: 0.0, feedback: said, parts: Vec::new() });
        }
        Ok(read)
    }
}

fn page(task: &TaskRef) -> Route {
    Route::new("/course/{course}/{task}").id(&task.course).id(&task.task)
}

fn own_submissions(task: &TaskRef) -> Route {
    Route::new("/api/v0/courses/{course}/tasks/{task}/submissions").id(&task.course).id(&task.task)
}

fn named(task: &TaskRef) -> String {
    format!("task {} of course {}", task.task, task.course)
}
