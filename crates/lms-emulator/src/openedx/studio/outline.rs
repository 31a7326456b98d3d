//! `GET /xblock/outline/{usage}`: a block and what is below it, down to the units (reference openedx.md 3.15).

use axum::extract::{Path, State as Ext};
use axum::response::Response;
use serde_json::{Map, Value};

use super::xblock::{Refused, describe, may_write};
use crate::openedx::call::Call;
use crate::openedx::keys::{BlockId, parse_usage};
use crate::openedx::olx::Course;
use crate::openedx::reply;
use crate::openedx::session::require_session;
use crate::openedx::state::App;

/// With a session.
pub(crate) async fn read(Ext(app): Ext<App>, Path(usage): Path<String>, call: Call) -> Response {
    let answer = || {
        let user = require_session(&app, &call)?;
        let (key, id) = parse_usage(&usage).ok_or_else(reply::not_found)?;
        may_write(&app, &user, &key)?;
        let state = app.lock();
        let course = state.courses.get(&key).filter(|course| course.studio_block(&id).is_some());
        Ok::<_, Refused>(reply::ok(outlined(course.ok_or_else(reply::not_found)?, &id)))
    };
    answer().unwrap_or_else(|refused| *refused)
}

fn outlined(course: &Course, id: &BlockId) -> Value {
    let Value::Object(mut body) = describe(course, id) else { return Value::Null };
    for name in ["data", "metadata", "children"] {
        body.remove(name);
    }
    let below = match id.kind.as_str() {
        "course" => Some(("chapter", "Section")),
        "chapter" => Some(("sequential", "Subsection")),
        "sequential" => Some(("vertical", "Unit")),
        _ => None,
    };
    if let Some((kind, name)) = below {
        let children: Vec<Value> =
            course.studio_children(id).iter().map(|child| outlined(course, child)).collect();
        let info: Map<String, Value> = [
            ("category".to_owned(), kind.into()),
            ("display_name".to_owned(), name.into()),
            ("children".to_owned(), children.into()),
        ]
        .into_iter()
        .collect();
        body.insert("child_info".into(), info.into());
    }
    body.into()
}
