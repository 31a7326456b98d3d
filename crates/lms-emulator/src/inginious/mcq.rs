//! The server's own grader for choices and texts (reference inginious.md 9.8).

use super::input::{Input, python_int};
use super::rst;
use super::task::{Choice, Kind, Task};

/// The outcome of a job, however it was graded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// `success`, `failed`, or why it could not be graded: `crash`, `timeout`, `overflow`, `killed`, `error`.
    pub(crate) result: String,
    pub(crate) grade: f64,
    /// Feedback on the whole, as HTML.
    pub(crate) text: String,
    /// Problem id, result, feedback as HTML.
    pub(crate) problems: Vec<(String, String, String)>,
    /// What the grader wants to be told next time; `None` leaves what there was.
    pub(crate) state: Option<String>,
}

impl Outcome {
    /// A job that could not be graded.
    pub(crate) fn failure(result: &str, text: &str) -> Self {
        Self {
            result: result.to_owned(),
            grade: 0.0,
            text: rst::to_html(text),
            problems: Vec::new(),
            state: None,
        }
    }
}

/// Two decimals, as grades are stored.
pub(crate) fn rounded(grade: f64) -> f64 {
    (grade * 100.0).round() / 100.0
}

/// Grades a task of the `mcq` environment.
pub(crate) fn grade(task: &Task, answers: &[(String, Input)]) -> Outcome {
    let crash = || {
        let text = "An unknown error occurred in the agent. Please contact your course administrator.";
        Outcome::failure("crash", text)
    };
    let (mut wrong, mut invalid) = (0usize, 0usize);
    let mut problems = Vec::new();
    for problem in &task.problems {
        let answer =
            answers.iter().find(|(id, _)| *id == problem.id).map_or(&Input::Missing, |(_, answer)| answer);
        let verdict = match (&problem.kind, answer) {
            (Kind::Match { answer: expected, centralize }, Input::Text(text)) => {
                let right = text.trim() == expected;
                let message = if right { "Correct answer" } else { "Wrong answer" };
                Verdict { wrong_ticks: 0, right, messages: standard(*centralize, message) }
            }
            (Kind::Choice { .. }, Input::Text(text)) => choose(&problem.kind, std::slice::from_ref(text)),
            (Kind::Choice { .. }, Input::Many(values)) => choose(&problem.kind, values),
            // No text was sent, or the problem cannot be graded without a container.
            _ => return crash(),
        };
        invalid += verdict.wrong_ticks;
        wrong += usize::from(!verdict.right);
        if !verdict.messages.is_empty() {
            let result = if verdict.right { "success" } else { "failed" };
            problems.push((
                problem.id.clone(),
                result.to_owned(),
                rst::to_html(&verdict.messages.join("\n\n")),
            ));
        }
    }
    let total = task.problems.len();
    if total == 0 {
        return crash();
    }
    let mut text = String::new();
    if wrong > 0 {
        text = format!("You have {wrong} wrong answer(s).");
    }
    if invalid > 0 {
        text.push_str(&format!(
            "\n\nAmong them, you have {invalid} invalid answers in the multiple choice questions"
        ));
    }
    let states = task.problems.iter().map(|problem| format!("\"{}\": \"\"", problem.id));
    Outcome {
        result: (if wrong == 0 { "success" } else { "failed" }).to_owned(),
        grade: rounded(100.0 * (total - wrong) as f64 / total as f64),
        text: rst::to_html(&text),
        problems,
        state: Some(format!("{{{}}}", states.collect::<Vec<_>>().join(", "))),
    }
}

struct Verdict {
    wrong_ticks: usize,
    right: bool,
    messages: Vec<String>,
}

fn standard(centralize: bool, message: &str) -> Vec<String> {
    if centralize { Vec::new() } else { vec![message.to_owned()] }
}

fn choose(kind: &Kind, values: &[String]) -> Verdict {
    let Kind::Choice { multiple, choices, centralize, success_message, error_message } = kind else {
        return Verdict { wrong_ticks: 0, right: false, messages: Vec::new() };
    };
    let index_of = |value: &String| match multiple {
        // Only the canonical spelling counts as a tick: `00` passes the check and ticks nothing.
        true => (0..choices.len()).find(|index| index.to_string() == *value),
        false => python_int(value).and_then(|index| usize::try_from(index).ok()),
    };
    let ticked: Vec<usize> = values.iter().filter_map(index_of).collect();
    let misjudged = |(index, choice): (usize, &Choice)| choice.valid != ticked.contains(&index);
    let wrong_ticks = match multiple {
        true => choices.iter().enumerate().filter(|pair| misjudged(*pair)).count(),
        false => {
            usize::from(!ticked.iter().all(|index| choices.get(*index).is_some_and(|choice| choice.valid)))
        }
    };
    let right = wrong_ticks == 0;
    let mut messages = match (right, success_message, error_message) {
        (true, Some(message), _) | (false, _, Some(message)) => vec![message.clone()],
        (true, None, _) => Vec::new(),
        (false, _, None) if *multiple => {
            standard(*centralize, "Wrong answer. Make sure to select all the valid possibilities")
        }
        (false, _, None) => standard(*centralize, "Wrong answer"),
    };
    // Feedback goes by the number: `00` is no tick, and yet shows the feedback of the first choice.
    let named = values.iter().filter_map(|value| usize::try_from(python_int(value)?).ok());
    messages.extend(named.filter_map(|index| choices.get(index)?.feedback.clone()));
    Verdict { wrong_ticks, right, messages }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Input {
        Input::Text(value.to_owned())
    }

    #[test]
    fn a_task_of_three_problems_is_graded_by_thirds() {
        let yaml = "environment_type: mcq\nproblems:\n  \
            one: {type: multiple_choice, choices: [{text: a, valid: true}, {text: b, feedback: No.}]}\n  \
            many: {type: multiple_choice, multiple: true, choices: [{text: a, valid: true}, {text: b, valid: true}, {text: c}]}\n  \
            word: {type: match, answer: 81}\n";
        let task = Task::read("t", yaml).unwrap();
        let sent = |one: &str, many: &[&str], word: &str| {
            let many = Input::Many(many.iter().map(|v| (*v).to_owned()).collect());
            grade(&task, &[("one".into(), text(one)), ("many".into(), many), ("word".into(), text(word))])
        };
        let good = sent("0", &["1", "0"], " 81 ");
        assert_eq!((good.result.as_str(), good.grade, good.text.as_str()), ("success", 100.0, ""));
        assert_eq!(
            good.problems,
            [("word".to_owned(), "success".to_owned(), "<p>Correct answer</p>\n".to_owned())]
        );
        let bad = sent("1", &["0", "2"], "81");
        assert_eq!((bad.result.as_str(), bad.grade), ("failed", 33.33));
        let expected = "<p>You have 2 wrong answer(s).</p>\n<p>Among them, you have 3 invalid answers in the \
                        multiple choice questions</p>\n";
        assert_eq!(bad.text, expected);
        assert_eq!(bad.problems[0].2, "<p>Wrong answer</p>\n<p>No.</p>\n");
        assert_eq!(sent("0", &["00", "1"], "81").grade, 66.67);
        let missing = grade(&task, &[("one".into(), text("0")), ("many".into(), Input::Many(vec![]))]);
        assert_eq!((missing.result.as_str(), missing.state), ("crash", None));
    }
}
