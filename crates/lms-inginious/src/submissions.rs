//! Answering tasks, by the form of the task page or by the API (reference inginious.md 5).

use std::time::{Duration, Instant};

use async_trait::async_trait;
use lms_core::{
    BlockId, Error, ErrorKind, Markup, Paged, Patience, Platform, Response as Answer, Result, Submission,
    SubmissionId, SubmissionQuery, SubmissionState, SubmissionSupport, Submissions, SubmittedFile, Support,
    TaskAnswer, TaskId, TaskRef, Timestamp, Verdict,
};
use lms_http::{Client, Method, Part, RequestBuilder, Safety, path_segment};
use serde_json::Value;

use crate::Inginious;
use crate::builder::SubmitBy;
use crate::dialect::title;
use crate::wire::{WireSubmission, WireSubmitted, WireTask};

const SUBMIT: &str = "submissions.submit";

/// A field of a form.
#[derive(Debug, Clone, PartialEq)]
enum Field {
    Text(String, String),
    File(String, SubmittedFile),
}

fn invalid(why: impl Into<String>, block: &BlockId) -> Error {
    Error::invalid(why).at(Platform::Inginious, SUBMIT).on(block)
}

/// The form fields of an answer: one for each problem, as the server wants them (reference 5.1). A
/// problem that is left out would use up a try or break the server, so it is refused here.
fn fields(task: &WireTask, answer: &TaskAnswer) -> Result<Vec<Field>> {
    let mut fields = Vec::new();
    let ids: Vec<BlockId> = task
        .problems
        .iter()
        .map(|p| {
            BlockId::new(format!("{}/{}", task.id, p.get("id").and_then(Value::as_str).unwrap_or_default()))
        })
        .collect();
    if let Some(unknown) = answer.0.keys().find(|block| !ids.contains(block)) {
        return Err(invalid("the task has no such problem", unknown));
    }
    for (problem, block) in task.problems.iter().zip(&ids) {
        let id = problem.get("id").and_then(Value::as_str).unwrap_or_default();
        let kind = problem.get("type").and_then(Value::as_str).unwrap_or_default();
        let flag = |key: &str| {
            crate::folder::yaml::Node::from_json(problem.get(key).unwrap_or(&Value::Null)).truthy()
        };
        let text = |text: &str| Field::Text(id.to_owned(), text.to_owned());
        match (kind, answer.0.get(block)) {
            ("multiple_choice", Some(Answer::Choice { selected })) => {
                let known =
                    problem.get("choices").and_then(Value::as_object).map_or(0, |choices| choices.len());
                if selected.iter().any(|option| *option >= known) {
                    return Err(invalid(format!("there are {known} options, counted from 0"), block));
                }
                if !flag("multiple") && selected.len() != 1 {
                    return Err(invalid("exactly one option must be picked", block));
                }
                fields.extend(selected.iter().map(|option| text(&option.to_string())));
            }
            ("multiple_choice", None) if flag("multiple") => {}
            ("file", Some(Answer::Files(files))) => match files.as_slice() {
                [file] => fields.push(Field::File(id.to_owned(), file.clone())),
                _ => return Err(invalid("exactly one file must be handed in", block)),
            },
            ("code" | "code_single_line", None) if flag("optional") => fields.push(text("")),
            ("match" | "code" | "code_single_line", Some(given)) => {
                let given = match given {
                    Answer::Text { text } | Answer::ExtendedText { text } => text,
                    Answer::Number { number } => number,
                    Answer::Formula { formula } => formula,
                    Answer::Code { source, .. } => source,
                    _ => return Err(invalid("the problem takes a text", block)),
                };
                if kind != "match" && given.is_empty() && !flag("optional") {
                    return Err(invalid("the problem must not be left empty", block));
                }
                fields.push(text(given));
            }
            (_, None) => return Err(invalid("an answer is missing", block)),
            (_, Some(_)) => {
                return Err(invalid(format!("the answer does not fit a problem of the kind {kind}"), block));
            }
        }
    }
    Ok(fields)
}

fn with_fields(request: RequestBuilder, fields: &[Field], action: Option<&str>) -> RequestBuilder {
    if fields.iter().any(|field| matches!(field, Field::File(..))) {
        let mut parts: Vec<Part> = fields
            .iter()
            .map(|field| match field {
                Field::Text(name, value) => Part::text(name, value),
                Field::File(name, file) => {
                    Part::file(name, file.name.as_str(), "application/octet-stream", file.content.clone())
                }
            })
            .collect();
        parts.extend(action.map(|action| Part::text("@action", action)));
        return request.multipart(parts);
    }
    let mut pairs: Vec<(&str, &str)> = fields
        .iter()
        .filter_map(|field| match field {
            Field::Text(name, value) => Some((name.as_str(), value.as_str())),
            Field::File(..) => None,
        })
        .collect();
    pairs.extend(action.map(|action| ("@action", action)));
    request.form(&pairs)
}

fn page_path(task: &TaskRef) -> String {
    format!("/course/{}/{}", path_segment(task.course.as_str()), path_segment(task.task.as_str()))
}

fn api_path(task: &TaskRef) -> String {
    let (course, task) = (path_segment(task.course.as_str()), path_segment(task.task.as_str()));
    format!("/api/v0/courses/{course}/tasks/{task}/submissions")
}

/// Dates are local times of the server without a zone; they are taken as UTC (reference 5.2).
fn date(text: &str) -> Option<Timestamp> {
    Timestamp::from_naive(text).ok().or_else(|| text.parse().ok())
}

fn submission(task: &TaskId, id: Option<&SubmissionId>, wire: WireSubmission) -> Submission {
    let state = match wire.status.as_str() {
        "done" => SubmissionState::Judged,
        "waiting" => SubmissionState::Pending,
        _ => SubmissionState::Failed,
    };
    let parts = wire.problems_feedback.iter().filter_map(|(problem, said)| {
        // Pairs of result and text; 0.8 and some pages give the text alone.
        let result = said.get(0).and_then(Value::as_str)?;
        Some((BlockId::new(format!("{task}/{problem}")), result == "success"))
    });
    let verdict = (state != SubmissionState::Pending && (wire.result.is_some() || wire.feedback.is_some()))
        .then(|| Verdict {
            correct: wire.result.as_deref() == Some("success"),
            score: if state == SubmissionState::Judged { wire.grade.unwrap_or(0.0) / 100.0 } else { 0.0 },
            feedback: Markup::from_html(wire.feedback.clone().unwrap_or_default()),
            parts: parts.collect(),
        });
    Submission {
        id: id.cloned().unwrap_or_else(|| SubmissionId::new(wire.id.as_str())),
        task: task.clone(),
        user: None,
        at: wire.submitted_on.as_deref().and_then(date),
        state,
        verdict,
        answer: None,
    }
}

impl Inginious {
    async fn submit_by_page(&self, task: &TaskRef, fields: &[Field]) -> Result<SubmissionId> {
        let path = page_path(task);
        let page = self
            .session()
            .page(SUBMIT, |client: &Client| {
                let request =
                    client.request(Method::Post, &path, Safety::Once).operation(SUBMIT).resource(&task.task);
                with_fields(request, fields, Some("submit"))
            })
            .await?;
        let refuse = |kind, why: &str| Error::new(kind, why).at(Platform::Inginious, SUBMIT).on(&task.task);
        let Ok(answer) = serde_json::from_str::<WireSubmitted>(&page.body) else {
            let shown = title(page.body.as_bytes()).unwrap_or_default();
            return Err(refuse(
                ErrorKind::PermissionDenied,
                &format!("the task cannot be answered now ({shown})"),
            ));
        };
        match (answer.submissionid, answer.text) {
            (Some(id), _) => Ok(SubmissionId::new(id)),
            (None, text) => {
                // The texts are translated; English ones also tell the kind.
                let text = text.unwrap_or_default();
                let kind = match text.as_str() {
                    t if t.contains("not allowed") => ErrorKind::PermissionDenied,
                    t if t.contains("already pending") => ErrorKind::Conflict,
                    _ => ErrorKind::InvalidInput,
                };
                Err(refuse(kind, &Markup::from_html(text).plain()))
            }
        }
    }
}

#[async_trait]
impl Submissions for Inginious {
    fn support(&self) -> SubmissionSupport {
        let submit = match self.submit_by() {
            SubmitBy::Web => Support::Emulated,
            SubmitBy::Api => Support::Native,
        };
        SubmissionSupport {
            submit,
            get: Support::Native,
            list_own: Support::Native,
            list_others: Support::No,
        }
    }

    async fn submit(&self, task: &TaskRef, answer: &TaskAnswer) -> Result<SubmissionId> {
        let fields = fields(&self.wire_task(task).await?, answer)?;
        match self.submit_by() {
            SubmitBy::Web => self.submit_by_page(task, &fields).await,
            SubmitBy::Api => {
                let path = api_path(task);
                let answer: WireSubmitted = self
                    .session()
                    .json(|client| {
                        let request = client
                            .request(Method::Post, &path, Safety::Once)
                            .operation(SUBMIT)
                            .resource(&task.task);
                        with_fields(request, &fields, None)
                    })
                    .await?;
                let id = answer.submissionid.ok_or_else(|| {
                    Error::new(ErrorKind::Protocol, "the answer names no submission")
                        .at(Platform::Inginious, SUBMIT)
                })?;
                Ok(SubmissionId::new(id))
            }
        }
    }

    /// The API tells the state; why a submission failed only the task page tells (reference 5.3).
    async fn get(&self, task: &TaskRef, id: &SubmissionId) -> Result<Submission> {
        const OPERATION: &str = "submissions.get";
        let path = format!("{}/{}", api_path(task), path_segment(id.as_str()));
        let found: Vec<WireSubmission> =
            self.session().json(|client| client.get(&path).operation(OPERATION).resource(id)).await?;
        let Some(wire) = found.into_iter().next() else {
            return Err(Error::new(ErrorKind::NotFound, "there is no such submission")
                .at(Platform::Inginious, OPERATION)
                .on(id));
        };
        if wire.status != "error" {
            return Ok(submission(&task.task, Some(id), wire));
        }
        let path = page_path(task);
        let page = self
            .session()
            .page(OPERATION, |client: &Client| {
                client
                    .request(Method::Post, &path, Safety::Read)
                    .operation(OPERATION)
                    .resource(id)
                    .form(&[("@action", "check"), ("submissionid", id.as_str())])
            })
            .await?;
        let checked = serde_json::from_str(&page.body).unwrap_or(wire);
        Ok(submission(&task.task, Some(id), checked))
    }

    async fn wait(&self, task: &TaskRef, id: &SubmissionId, patience: Patience) -> Result<Submission> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(200);
        loop {
            let submission = Submissions::get(self, task, id).await?;
            if submission.state != SubmissionState::Pending {
                return Ok(submission);
            }
            let left = patience.total.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(Error::new(ErrorKind::Timeout, "the answer is not judged yet; ask again later")
                    .at(Platform::Inginious, "submissions.wait")
                    .on(id));
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 3 / 2).min(Duration::from_secs(5));
        }
    }

    fn list(&self, task: &TaskRef, query: SubmissionQuery) -> Result<Paged<Submission>> {
        const OPERATION: &str = "submissions.list";
        let SubmissionQuery { user, from } = query;
        if user.is_some() || from.is_some() {
            return Err(Error::unsupported(Platform::Inginious, OPERATION));
        }
        let (site, task) = (self.clone(), task.clone());
        Ok(Paged::new(None, move |_| {
            let (site, task) = (site.clone(), task.clone());
            async move {
                let path = api_path(&task);
                let found: Vec<WireSubmission> = site
                    .session()
                    .json(|client| client.get(&path).operation(OPERATION).resource(&task.task))
                    .await?;
                let found = found.into_iter().map(|wire| submission(&task.task, None, wire)).collect();
                Ok(lms_core::Page::last(found))
            }
        }))
    }
}
