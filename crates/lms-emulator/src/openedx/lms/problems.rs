//! Handlers of problems: `/courses/{id}/xblock/{usage}/handler/xmodule_handler/{action}` (reference openedx.md 3.10).

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::openedx::auth::{View as Auth, csrf_ok, identify, session_user};
use crate::openedx::call::{Call, field};
use crate::openedx::capa::{
    Attempt, Correctness, Failure, Problem, View, grade, read_form, render, shown, status_html,
};
use crate::openedx::keys::{BlockId, CourseKey, parse_usage};
use crate::openedx::olx::Course;
use crate::openedx::reply;
use crate::openedx::session::csrf_failed;
use crate::openedx::state::{App, State};

const CHANGED: &str =
    "The state of this problem has changed since you loaded this page. Please refresh your page.";
const GENERAL: &str = "We're sorry, there was an error with processing your request. Please try reloading your page and trying again.";

/// A handler without an action; problems have only the one that needs an action.
pub(crate) async fn handle() -> Response {
    reply::not_found()
}

/// Any action. GET and POST are served alike (recorded: `GET instead of POST`).
pub(crate) async fn call(
    Ext(app): Ext<App>,
    Path((_, usage, handler, action)): Path<(String, String, String, String)>,
    call: Call,
) -> Response {
    let username = match caller(&app, &call) {
        Ok(username) => username,
        Err(refused) => return *refused,
    };
    let form = call.any_form().await;
    let Some((key, id)) = parse_usage(&usage) else { return reply::not_found() };
    let mut state = app.lock();
    let Some(mut desk) = Desk::open(&state, &username, &key, &id).filter(|_| handler == "xmodule_handler")
    else {
        return reply::not_found();
    };
    let answer = desk.act(&state, &action, &form);
    let Some(mut body) = answer else {
        return reply::text(200, &format!("Error: {action} is not a known capa action"));
    };
    if let Some(body) = body.as_object_mut().filter(|body| !is_failure(body)) {
        let hidden = !desk.shows_correctness();
        let (earned, possible) = desk.score();
        // True whenever marks were set anew, even to the same (recorded: `check, jwt`).
        let changed = matches!(action.as_str(), "problem_check" | "problem_reset");
        body.insert("progress_changed".into(), changed.into());
        body.insert("current_score".into(), if hidden { Value::Null } else { earned });
        body.insert("total_possible".into(), possible);
        body.insert("attempts_used".into(), desk.attempt.attempts.into());
    }
    let attempt = desk.attempt;
    state.attempts.insert((username, key, id), attempt);
    reply::ok(body)
}

/// `GET /xblock/{usage}`: the page with one block.
pub(crate) async fn page(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let username = match identify(&app, &call, Auth::Plain).map(|caller| caller.0) {
        Ok(Some(username)) => username,
        // Nobody is sent to sign in (recorded: `of a unit, anonymous`).
        _ => return reply::not_found(),
    };
    let Some((key, id)) = parse_usage(&usage) else { return reply::not_found() };
    let state = app.lock();
    let Some(course) = state
        .courses
        .get(&key)
        .filter(|_| state.is_author(&username, &key) || state.is_enrolled(&username, &key))
    else {
        return reply::not_found();
    };
    let Some(block) = course.blocks.get(&id) else { return reply::not_found() };
    let body = match (&block.html, Desk::open(&state, &username, &key, &id)) {
        (Some(html), _) => html.clone(),
        (None, Some(desk)) => desk.html(),
        (None, None) => String::new(),
    };
    reply::text(
        200,
        &format!(
            "<!DOCTYPE html>\n<html><body><div class=\"xblock\" data-usage-id=\"{usage}\">{body}</div></body></html>\n"
        ),
    )
}

/// Token or session; a session needs the CSRF token too.
fn caller(app: &App, call: &Call) -> Result<String, Box<Response>> {
    if call.header("authorization").is_some() {
        return identify(app, call, Auth::TokenOnly)?
            .0
            .ok_or_else(|| Box::new(reply::text(403, "Unauthenticated")));
    }
    match session_user(app, call) {
        Some(username) if call.method.is_safe() || csrf_ok(call) => Ok(username),
        Some(_) => Err(Box::new(csrf_failed())),
        None => Err(Box::new(reply::text(403, "Unauthenticated"))),
    }
}

/// A text where a keyword is expected is a refusal without the common fields.
fn is_failure(body: &serde_json::Map<String, Value>) -> bool {
    body.get("success")
        .and_then(Value::as_str)
        .is_some_and(|text| !matches!(text, "correct" | "incorrect" | "submitted"))
}

/// One learner before one problem.
struct Desk<'a> {
    course: &'a Course,
    id: BlockId,
    problem: Problem,
    attempt: Attempt,
    staff: bool,
}

impl<'a> Desk<'a> {
    fn open(state: &'a State, username: &str, key: &CourseKey, id: &BlockId) -> Option<Desk<'a>> {
        let course = state.courses.get(key)?;
        let block = course.blocks.get(id).filter(|_| id.kind == "problem")?;
        let staff = state.is_author(username, key);
        if !staff && !state.is_enrolled(username, key) {
            return None;
        }
        let place = (username.to_owned(), key.clone(), id.clone());
        let attempt = state.attempts.get(&place).cloned().unwrap_or_default();
        Some(Desk { course, id: id.clone(), problem: Problem::new(&id.id, &block.element), attempt, staff })
    }

    /// `None` for an action that does not exist.
    fn act(&mut self, state: &State, action: &str, form: &[(String, String)]) -> Option<Value> {
        Some(match action {
            "problem_get" => json!({"html": self.html()}),
            "problem_check" => self.check(state, form),
            "problem_save" => self.save(form),
            "problem_reset" => self.reset(),
            "problem_show" if self.may_show() => {
                json!({"answers": shown(&self.problem), "correct_status_html": status_html()})
            }
            "problem_show" => json!({"success": CHANGED}),
            "hint_button" => self.hint(form),
            // Queue answers come by another way here.
            "input_ajax" | "score_update" | "ungraded_response" => json!({"success": GENERAL}),
            _ => return None,
        })
    }

    fn check(&mut self, state: &State, form: &[(String, String)]) -> Value {
        let Some(answers) = read_form(form) else { return json!({"success": GENERAL}) };
        if self.closed() || (self.attempt.done && self.randomized()) {
            return json!({"success": CHANGED});
        }
        if let Some(text) = self.must_wait() {
            return json!({"success": text, "html": ""});
        }
        let table = state.accepted.of(&self.course.key, &self.id);
        match grade(&self.problem, &answers, &table) {
            Ok(outcomes) => {
                self.attempt.submit(&self.problem, answers, outcomes);
            }
            // Staff get the trace instead of the sentence.
            Err(Failure::Input(text)) if self.staff => {
                return json!({"success": format!("Staff debug info: Traceback (most recent call last):\nStudentInputError: {text}\n")});
            }
            Err(Failure::Input(text)) => return json!({"success": text}),
            Err(Failure::General) => return json!({"success": GENERAL}),
        }
        let word = match (self.shows_correctness(), self.attempt.all_right(&self.problem)) {
            (false, _) => "submitted",
            (true, true) => "correct",
            (true, false) => "incorrect",
        };
        json!({"success": word, "contents": self.html()})
    }

    fn save(&mut self, form: &[(String, String)]) -> Value {
        let Some(answers) = read_form(form) else { return json!({"success": GENERAL}) };
        // With no attempts at all a problem is a survey: saving is allowed.
        if self.closed() && self.max_attempts() != Some(0) {
            return json!({"success": false, "msg": "Problem is closed."});
        }
        if self.attempt.done && self.randomized() {
            return json!({"success": false, "msg": "Problem needs to be reset prior to save."});
        }
        self.attempt.save(answers);
        let text = "Your answers have been saved but not graded. Click 'Submit' to grade them.";
        json!({"success": true, "msg": text, "html": self.html()})
    }

    fn reset(&mut self) -> Value {
        if self.closed() {
            return json!({"success": false, "msg": "You cannot select Reset for a problem that is closed."});
        }
        if !self.attempt.done {
            return json!({"success": false, "msg": "You must submit an answer before you can select Reset."});
        }
        self.attempt.reset();
        json!({"success": true, "html": self.html()})
    }

    fn hint(&self, form: &[(String, String)]) -> Value {
        let hints = self.problem.hints();
        let index = field(form, "hint_index").and_then(|index| index.parse::<usize>().ok());
        let (Some(index), false) = (index, hints.is_empty()) else { return json!({"success": GENERAL}) };
        let index = index % hints.len();
        let total = hints.len();
        let items: String = hints
            .iter()
            .take(index + 1)
            .enumerate()
            .map(|(at, hint)| {
                format!(
                    "<li class=\"hint-index-{at}\" tabindex=\"-1\"><strong>Hint ({} of {total}): </strong>{hint}</li>",
                    at + 1
                )
            })
            .collect();
        json!({
            "success": true, "hint_index": index, "should_enable_next_hint": index + 1 < total,
            "msg": format!("<ol>{items}</ol>"),
        })
    }

    fn html(&self) -> String {
        let key = &self.course.key;
        let view = View {
            usage: key.usage(&self.id),
            title: self.course.display_name(&self.id),
            weight: self.weight(),
            max_attempts: self.max_attempts(),
            show_correctness: self.shows_correctness(),
            can_submit: !(self.closed() || self.attempt.done && self.randomized()),
            can_reset: self.randomized() || self.course.flag(&self.id, "show_reset_button"),
            can_show: self.may_show(),
            assets: format!("/{}", key.asset("")),
        };
        render(&self.problem, &self.attempt, &view)
    }

    fn setting(&self, name: &str) -> Option<String> {
        self.course.setting(&self.id, name).filter(|value| !value.is_empty())
    }

    fn weight(&self) -> Option<f64> {
        self.setting("weight").and_then(|weight| weight.parse().ok())
    }

    fn max_attempts(&self) -> Option<u32> {
        self.setting("max_attempts").and_then(|max| max.parse().ok())
    }

    fn used_up(&self) -> bool {
        self.max_attempts().is_some_and(|max| self.attempt.attempts >= max)
    }

    fn past_due(&self) -> bool {
        let due = self.course.date(&self.id, "due").and_then(|due| due.parse::<Timestamp>().ok());
        due.is_some_and(|due| due < Timestamp::now())
    }

    fn closed(&self) -> bool {
        self.used_up() || self.past_due()
    }

    /// Whether the problem must be reset before it is answered again.
    fn randomized(&self) -> bool {
        matches!(self.setting("rerandomize").as_deref(), Some("always" | "true"))
    }

    fn shows_correctness(&self) -> bool {
        match self.setting("show_correctness").as_deref() {
            Some("never" | "never_but_include_grade") => false,
            Some("past_due") => self.past_due(),
            _ => true,
        }
    }

    fn must_wait(&self) -> Option<String> {
        if self.attempt.is_queued() {
            return Some("You must wait at least 15 seconds between submissions.".into());
        }
        let wait: i64 =
            self.setting("submission_wait_seconds").and_then(|wait| wait.parse().ok()).unwrap_or(0);
        let passed = Timestamp::now().as_second() - self.attempt.last?.as_second();
        let left = wait - passed;
        (left > 0).then(|| {
            format!("You must wait at least {wait} seconds between submissions. {left} seconds remaining.")
        })
    }

    /// `showanswer` (reference openedx.md 3.10).
    fn may_show(&self) -> bool {
        let rule = self.setting("showanswer").unwrap_or_else(|| "finished".into());
        let full = self.attempt.done && self.attempt.is_full();
        if rule == "never" || !self.shows_correctness() {
            return false;
        }
        if self.staff {
            return true;
        }
        match rule.as_str() {
            "always" => true,
            "answered" => full,
            "attempted" => self.attempt.attempts > 0 || self.past_due(),
            "attempted_no_past_due" => self.attempt.attempts > 0,
            "closed" => self.closed(),
            "correct_or_past_due" => full || self.past_due(),
            "past_due" => self.past_due(),
            "after_attempts" => {
                let needed = self
                    .setting("attempts_before_showanswer_button")
                    .and_then(|n| n.parse().ok())
                    .unwrap_or(0);
                self.attempt.attempts >= needed
            }
            "after_all_attempts" => self.used_up(),
            "after_all_attempts_or_correct" => self.used_up() || full,
            _ => self.closed() || full,
        }
    }

    /// Earned and possible; whole numbers unless a weight made them otherwise.
    fn score(&self) -> (Value, Value) {
        let weight = self.weight();
        let (earned, possible) = self.attempt.score(&self.problem, weight);
        let number = |value: f64| match value.fract() == 0.0 && weight.is_none() {
            true => (value as i64).into(),
            false => value.into(),
        };
        (number(earned), number(possible))
    }
}

/// Points earned and possible of one learner in one problem, weighted; for grades.
pub(crate) fn points(state: &State, username: &str, course: &Course, id: &BlockId) -> Option<(f64, f64)> {
    let block = course.blocks.get(id).filter(|_| id.kind == "problem")?;
    let problem = Problem::new(&id.id, &block.element);
    let weight = course.own(id, "weight").and_then(|weight| weight.parse().ok());
    let attempt = state.attempts.get(&(username.to_owned(), course.key.clone(), id.clone()));
    let queued = attempt.is_some_and(|attempt| {
        attempt.outcomes.values().any(|outcome| outcome.correctness == Correctness::Queued)
    });
    let untouched = Attempt::default();
    let attempt = attempt.filter(|_| !queued).unwrap_or(&untouched);
    Some(attempt.score(&problem, weight))
}
