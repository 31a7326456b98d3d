//! What a run will do to a target, said before it does it.

use std::fmt;

use lms_core::{Error, ErrorKind};
use serde::Serialize;

/// What happens to one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// It is new.
    Create,
    /// It is written again, under its id.
    Update,
    /// It goes to another place, under its id.
    Move,
    /// Its children are put into another order.
    Order,
    /// It is removed.
    Delete,
    /// It was changed on the target alone, and stays as it is there.
    Keep,
    /// It is no longer in the source, and stays on the target.
    Leave,
    /// Both sides changed it.
    Conflict,
}

impl Action {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Move => "move",
            Self::Order => "order",
            Self::Delete => "delete",
            Self::Keep => "keep",
            Self::Leave => "leave",
            Self::Conflict => "conflict",
        }
    }
}

/// One node that is not as the run found it, or not as the source has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What happens to it.
    pub action: Action,
    /// `course`, `section`, `lesson`, `step` or `file`.
    pub kind: &'static str,
    /// Where: titles and positions, in the source, or on the target for what only the target has.
    pub path: String,
    /// Its id on the target, where it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why, where that does not go without saying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8} {} {}", self.action.name(), self.kind, self.path)?;
        match (&self.id, &self.why) {
            (Some(id), Some(why)) => write!(f, " ({id}): {why}"),
            (Some(id), None) => write!(f, " ({id})"),
            (None, Some(why)) => write!(f, ": {why}"),
            (None, None) => Ok(()),
        }
    }
}

/// What a run will do to a target. Nodes that stay as they are are counted only; files that do are not mentioned.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Nodes that are as they should be.
    pub unchanged: usize,
    /// All others.
    pub changes: Vec<Change>,
}

impl Changes {
    /// How many nodes something happens to.
    pub fn count(&self, action: Action) -> usize {
        self.changes.iter().filter(|change| change.action == action).count()
    }

    /// Whether anything is to be written.
    pub fn writes(&self) -> bool {
        self.changes
            .iter()
            .any(|change| !matches!(change.action, Action::Keep | Action::Leave | Action::Conflict))
    }

    /// `3 create, 1 update; 96 unchanged`.
    pub fn summary(&self) -> String {
        let all = [
            Action::Create,
            Action::Update,
            Action::Move,
            Action::Order,
            Action::Delete,
            Action::Keep,
            Action::Leave,
            Action::Conflict,
        ];
        let counts: Vec<String> = all
            .into_iter()
            .map(|action| (action, self.count(action)))
            .filter(|(_, n)| *n > 0)
            .map(|(action, n)| format!("{n} {}", action.name()))
            .collect();
        match counts.as_slice() {
            [] => format!("nothing to do; {} unchanged", self.unchanged),
            _ => format!("{}; {} unchanged", counts.join(", "), self.unchanged),
        }
    }

    /// The error that names all conflicts, where there are any.
    pub(crate) fn refusal(&self) -> Option<Error> {
        let conflicts = self.changes.iter().filter(|change| change.action == Action::Conflict);
        let error = Error::new(
            ErrorKind::Conflict,
            "the source and the target have both changed; nothing was written. Say whose change counts",
        );
        let mut any = false;
        let error = conflicts.fold(error, |error, change| {
            any = true;
            let id = change.id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
            let why = change.why.clone().unwrap_or_default();
            error.with_field(format!("{} {}{id}", change.kind, change.path), why)
        });
        any.then_some(error)
    }
}
