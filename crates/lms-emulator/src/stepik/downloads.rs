//! Routes below an object: files, clones, the state of an e-mail address. (reference stepik.md 2.9)

use std::io::{Cursor, Write as _};

use axum::body::Body;
use axum::http::{Method, header};
use axum::response::IntoResponse;
use serde_json::Value;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::form::set;
use super::people;
use super::plain::Plain;
use super::read::{self, Shelf};
use super::rights::Caller;
use super::state::{Kind, State};
use super::tree::block_name;
use super::wire::{Answer, Ask, Object, Refusal, answer_json, int, no_content, object};

/// `/api/{name}/{id}/{below}`.
pub(crate) fn below(
    state: &mut State,
    caller: Caller,
    ask: &Ask,
    (name, id, below): (&str, &str, &str),
) -> Answer {
    let number: i64 = id.parse().map_err(|_| Refusal::missing())?;
    let is_post = ask.method == Method::POST;
    let is_read = matches!(ask.method, Method::GET | Method::HEAD);
    match (name, below) {
        ("profiles", "change-password") if is_post => {
            people::change_password(state, caller, id, &ask.written()?)?;
            Ok(no_content())
        }
        ("email-addresses", "set-as-primary" | "send-confirmation") if is_post => {
            email_address(state, caller, number, below)
        }
        ("attempts", "file") if is_read => dataset_file(state, caller, number),
        ("submissions", "file") if is_read => reply_file(state, caller, number),
        ("step-sources", "tests") if is_read => tests_archive(state, caller, number),
        ("lessons", "clone") if is_post => clone_lesson(state, caller, number),
        ("attempts" | "submissions", "file")
        | ("step-sources", "tests")
        | ("lessons", "clone")
        | ("profiles", "change-password")
        | ("email-addresses", "set-as-primary" | "send-confirmation") => {
            Err(Refusal::not_allowed(&ask.method))
        }
        _ => Err(Refusal::missing()),
    }
}

fn email_address(state: &mut State, caller: Caller, id: i64, what: &str) -> Answer {
    let user = caller.required()?;
    let kind = Kind::Plain(Plain::EmailAddresses);
    let held = state.get(kind, id).filter(|held| int(held, "user") == Some(user));
    let email = held.and_then(|held| held.get("email")).and_then(Value::as_str).map(str::to_owned);
    let email = email.ok_or_else(Refusal::missing)?;
    if what == "set-as-primary" {
        for other in state.ids_where(kind, "user", user) {
            if let Some(other_row) = state.get_mut(kind, other) {
                set(other_row, "is_primary", other == id);
            }
        }
        // One signs in with the primary address.
        state.keyring.move_to(user, email);
    }
    Ok(no_content())
}

fn file(name: &str, kind: &str, bytes: Vec<u8>) -> Answer {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from(bytes)).into_response())
}

/// The file of a dataset quiz, at the attempt's `dataset_url`. (reference stepik.md 3.9)
fn dataset_file(state: &State, caller: Caller, id: i64) -> Answer {
    read::by_id(state, caller, Shelf::of(Kind::Attempts), &id.to_string())?;
    let held = state.secrets.get(&id).and_then(|secret| secret.file.clone()).ok_or_else(Refusal::missing)?;
    file(&format!("dataset_{id}.txt"), "text/plain; charset=utf-8", held.into_bytes())
}

/// What was sent to a dataset quiz, as a file.
fn reply_file(state: &State, caller: Caller, id: i64) -> Answer {
    read::by_id(state, caller, Shelf::of(Kind::Submissions), &id.to_string())?;
    let reply = state.get(Kind::Submissions, id).and_then(|held| held.get("reply"));
    let text = reply.and_then(|reply| reply.get("file")).and_then(Value::as_str);
    let text = text.ok_or_else(Refusal::missing)?;
    file(&format!("reply_{id}.txt"), "text/plain; charset=utf-8", text.as_bytes().to_vec())
}

/// The tests of a code step as an archive of `N` and `N.clue` files. (reference stepik.md 3.8, 4.13)
fn tests_archive(state: &State, caller: Caller, id: i64) -> Answer {
    read::by_id(state, caller, Shelf::step_sources(), &id.to_string())?;
    let step = state.get(Kind::Steps, id).filter(|step| block_name(step) == "code");
    let source = step.and_then(|step| step.get("block")?.get("source")).ok_or_else(Refusal::missing)?;
    let cases = source.get("test_cases").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let broken = |_| Refusal::detail(500, "The archive cannot be written.");
    for (case, number) in cases.iter().zip(1..) {
        for (index, name) in [(0, number.to_string()), (1, format!("{number}.clue"))] {
            let text = case.get(index).and_then(Value::as_str).unwrap_or_default();
            archive.start_file(name, SimpleFileOptions::default()).map_err(broken)?;
            archive.write_all(text.as_bytes()).map_err(|_| Refusal::missing())?;
        }
    }
    let bytes = archive.finish().map_err(broken)?.into_inner();
    file(&format!("tests_{id}.zip"), "application/zip", bytes)
}

/// POST /api/lessons/{id}/clone: a copy of the lesson and its steps. What it answers is in no source; here it is the
/// new lesson.
fn clone_lesson(state: &mut State, caller: Caller, id: i64) -> Answer {
    caller.required()?;
    let held = state.get(Kind::Lessons, id).map(|held| state.complete(Kind::Lessons, id, held));
    let held: Object = held.ok_or_else(Refusal::missing)?;
    state.require_lesson_editor(caller, id)?;
    let copy = super::authoring::create(state, caller, Kind::Lessons, &held)?;
    for step in state.steps_of(id) {
        let Some(step) = state.get(Kind::Steps, step).cloned() else { continue };
        let mut written = object(Value::Object(step));
        set(&mut written, "lesson", copy);
        super::steps::create(state, caller, &written)?;
    }
    Ok(answer_json(201, &read::after_write(state, caller, Shelf::of(Kind::Lessons), copy)?))
}
