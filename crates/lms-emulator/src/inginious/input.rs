//! Answers: the form that is sent, the checks before grading, the form that is stored (reference inginious.md 5.1, 5.4).

use axum::body::Bytes;
use serde_json::{Value, json};

use super::task::{Kind, Problem, Task};

/// One field of a form.
#[derive(Debug, Clone)]
pub(crate) enum Field {
    Text(String),
    File { name: String, bytes: Bytes },
}

/// A form in the order it was sent; names may repeat.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(pub(crate) Vec<(String, Field)>);

/// What is stored for one field of a submission.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// The field was not sent.
    Missing,
    Text(String),
    Many(Vec<String>),
    File {
        name: String,
        bytes: Bytes,
    },
}

/// Why a form is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A value is missing or not acceptable: 400.
    Invalid,
    /// A single choice was not sent at all, which the server does not survive: 500 (reference inginious.md 5.1).
    Broken,
}

impl Form {
    /// The first text of this name, as Python's form mapping gives it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find_map(|(field, value)| match value {
            Field::Text(text) if field == name => Some(text.as_str()),
            _ => None,
        })
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    fn all(&self, name: &str) -> Vec<String> {
        let texts = self.0.iter().filter_map(|(field, value)| match value {
            Field::Text(text) if field == name => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    }

    fn file(&self, name: &str) -> Option<(&String, &Bytes)> {
        self.0.iter().find_map(|(field, value)| match value {
            Field::File { name: file, bytes } if field == name => Some((file, bytes)),
            _ => None,
        })
    }

    /// Checks the answers of `task` and brings them into the form that is graded and stored. Unknown fields are kept.
    ///
    /// # Errors
    /// The first problem whose answer is not acceptable.
    pub(crate) fn answers(&self, task: &Task) -> Result<Vec<(String, Input)>, Refusal> {
        let mut answers: Vec<(String, Input)> =
            task.problems.iter().map(|problem| (problem.id.clone(), self.answer(problem))).collect();
        // Single choices are turned into numbers before anything is checked.
        let single = |kind: &Kind| matches!(kind, Kind::Choice { multiple: false, .. });
        if task.problems.iter().any(|problem| single(&problem.kind) && !self.has(&problem.id)) {
            return Err(Refusal::Broken);
        }
        for (problem, (_, answer)) in task.problems.iter().zip(&answers) {
            if !acceptable(&problem.kind, answer) {
                return Err(Refusal::Invalid);
            }
        }
        for (name, value) in &self.0 {
            if !answers.iter().any(|(known, _)| known == name) {
                let input = match value {
                    Field::Text(text) => Input::Text(text.clone()),
                    Field::File { name, bytes } => Input::File { name: name.clone(), bytes: bytes.clone() },
                };
                answers.push((name.clone(), input));
            }
        }
        Ok(answers)
    }

    fn answer(&self, problem: &Problem) -> Input {
        match &problem.kind {
            Kind::Choice { multiple: true, .. } => Input::Many(self.all(&problem.id)),
            Kind::File { .. } => match self.file(&problem.id) {
                Some((name, bytes)) => Input::File { name: name.clone(), bytes: bytes.clone() },
                None => Input::Missing,
            },
            _ => self.text(&problem.id).map_or(Input::Missing, |text| Input::Text(text.to_owned())),
        }
    }
}

impl Input {
    /// The value as the API shows it with `?input`; `None` for a file, which the server cannot encode
    /// (reference inginious.md 5.4).
    pub(crate) fn to_json(&self) -> Option<Value> {
        match self {
            Self::Missing => Some(Value::Null),
            Self::Text(text) => Some(text.clone().into()),
            Self::Many(values) => Some(json!(values)),
            Self::File { .. } => None,
        }
    }
}

/// Python's `int()` of a text, for the whole numbers that can name a choice.
pub(crate) fn python_int(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn acceptable(kind: &Kind, answer: &Input) -> bool {
    match (kind, answer) {
        (Kind::Choice { choices, .. }, Input::Text(value)) => names_a_choice(value, choices.len()),
        (Kind::Choice { choices, .. }, Input::Many(values)) => {
            values.iter().all(|value| names_a_choice(value, choices.len()))
        }
        // A missing text passes this check and breaks the agent later (reference inginious.md 5.1).
        (Kind::Match { .. }, Input::Text(_) | Input::Missing) => true,
        (Kind::Code { optional }, Input::Text(text)) => *optional || !text.is_empty(),
        (Kind::File { extensions, max_size }, Input::File { name, bytes }) => {
            // The limit is held against the size in Python's memory: 33 bytes more.
            let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX).saturating_add(33);
            size <= *max_size && extensions.iter().any(|extension| name.ends_with(extension.as_str()))
        }
        _ => false,
    }
}

fn names_a_choice(value: &str, choices: usize) -> bool {
    python_int(value).and_then(|index| usize::try_from(index).ok()).is_some_and(|index| index < choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        let text = "environment_type: mcq\nproblems:\n  one: {type: multiple_choice, choices: [{text: a, valid: true}, {text: b}]}\n  \
                    many: {type: multiple_choice, multiple: true, choices: [{text: a, valid: true}, {text: b}]}\n  \
                    word: {type: match, answer: x}\n";
        Task::read("t", text).unwrap()
    }

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form(pairs.iter().map(|(name, text)| ((*name).to_owned(), Field::Text((*text).to_owned()))).collect())
    }

    #[test]
    fn choices_are_checked_as_python_reads_numbers() {
        for good in ["1", " 1", "+1", "0"] {
            assert!(form(&[("one", good)]).answers(&task()).is_ok(), "{good}");
        }
        for bad in ["", "x", "1.0", "-1", "7"] {
            assert_eq!(form(&[("one", bad)]).answers(&task()).unwrap_err(), Refusal::Invalid, "{bad}");
        }
        assert_eq!(form(&[("word", "x")]).answers(&task()).unwrap_err(), Refusal::Broken);
        assert_eq!(form(&[("one", "1"), ("many", "0,1")]).answers(&task()).unwrap_err(), Refusal::Invalid);
    }

    #[test]
    fn files_are_measured_in_memory() {
        let text =
            "environment_type: docker\nproblems:\n  f: {type: file, allowed_exts: [.py], max_size: 40}\n";
        let task = Task::read("t", text).unwrap();
        let sent = |name: &str, size: usize| {
            let file = Field::File { name: name.to_owned(), bytes: vec![0; size].into() };
            Form(vec![("f".to_owned(), file)]).answers(&task).is_ok()
        };
        assert!(sent("a.py", 7) && sent("a.py", 0));
        assert!(!sent("a.py", 8) && !sent("a.PY", 1) && !sent("a.txt", 1));
    }
}
