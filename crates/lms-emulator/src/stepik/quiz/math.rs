//! math and random-tasks (reference stepik.md 4.7, 4.15)
//!
//! The platform compares with SymPy. The stand-in: the same text is right, otherwise both expressions are evaluated
//! at random complex points of the author's box and must agree within the author's error (reference stepik.md 4.7).

use std::collections::BTreeMap;

use bigdecimal::{BigDecimal, ToPrimitive};
use serde_json::{Value, json};

use super::expression::{Complex, Expression, Relation};
use super::number::decimal;
use super::schema::{flag, get, list, text};
use super::{Quiz, Task, Verdict};
use crate::random::Dice;

/// How many points are tried, and how many the platform tries. (reference stepik.md 4.7)
const POINTS: usize = 10;

/// What two ways of reckoning the same may differ by in floating point, as a share of the larger value.
const ROUNDING: f64 = 1e-10;

/// Names that learners write and the platform does not know, with the ones it knows.
const ADVICE: [(&str, &str); 6] =
    [("tg", "tan"), ("ctg", "cot"), ("arcsin", "asin"), ("arccos", "acos"), ("arctg", "atan"), ("e", "E")];

#[derive(Debug)]
pub(super) struct Math;

struct Sampling {
    re: (f64, f64),
    im: (f64, f64),
    max_error: f64,
    integer_only: bool,
}

fn float(value: &Value, key: &str) -> Result<f64, String> {
    let written = text(value, key)?;
    written
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|n| n.is_finite())
        .ok_or_else(|| format!("`{key}` is not a number: `{written}`."))
}

impl Sampling {
    fn read(source: &Value) -> Result<Self, String> {
        let test = get(source, "numerical_test")?;
        let sampling = Self {
            re: (float(test, "z_re_min")?, float(test, "z_re_max")?),
            im: (float(test, "z_im_min")?, float(test, "z_im_max")?),
            max_error: float(test, "max_error")?,
            integer_only: flag(test, "integer_only")?,
        };
        if sampling.re.0 > sampling.re.1 || sampling.im.0 > sampling.im.1 || sampling.max_error < 0.0 {
            return Err("Ranges must be ordered and the error must not be negative.".to_owned());
        }
        Ok(sampling)
    }

    fn point(&self, dice: &mut Dice) -> Complex {
        let mut within = |(low, high): (f64, f64)| {
            let number = low + (high - low) * dice.unit();
            if self.integer_only { number.round() } else { number }
        };
        let re = within(self.re);
        Complex { re, im: if self.integer_only { 0.0 } else { within(self.im) } }
    }

    /// Whether both have the same values. A variable of `b` that `a` does not have leaves it without a value, and that
    /// is no agreement. (reference stepik.md 4.7)
    fn agree(&self, a: &Expression, b: &Expression) -> bool {
        let mut dice = Dice::new(7);
        let names = a.variables();
        let mut compared = 0;
        for _ in 0..POINTS * 3 {
            let point: BTreeMap<String, Complex> =
                names.iter().map(|name| (name.clone(), self.point(&mut dice))).collect();
            let (Some(a), Some(b)) = (a.value(&point), b.value(&point)) else { continue };
            // The platform first asks whether the difference simplifies to 0, and then nothing is rounded.
            // (reference stepik.md 4.7)
            let rounding = ROUNDING * a.abs().max(b.abs());
            if (a - b).abs() > self.max_error.max(rounding) {
                return false;
            }
            compared += 1;
            if compared == POINTS {
                break;
            }
        }
        compared > 0
    }
}

impl Quiz for Math {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        Sampling::read(source)?;
        let answer = text(source, "answer")?;
        if answer.trim().is_empty() {
            return Err("The answer is empty.".to_owned());
        }
        Relation::parse(answer).map_err(|error| format!("Failed to parse the answer: {error}"))?;
        Ok(json!({}))
    }

    fn generate(&self, _source: &Value, _dice: &mut Dice) -> Task {
        Task::without_dataset()
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        Ok(json!({ "formula": text(reply, "formula")? }))
    }

    fn grade(&self, source: &Value, _clue: &Value, reply: &Value) -> Verdict {
        let formula = text(reply, "formula").unwrap_or_default();
        let answer = text(source, "answer").unwrap_or_default();
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        if bare(formula) == bare(answer) {
            return Verdict::of(true);
        }
        let advice = advice(formula);
        let Ok(given) = Relation::parse(formula) else {
            return Verdict::wrong(format!("Failed to parse expression.{advice}"));
        };
        let is_right = match (Relation::parse(answer), Sampling::read(source)) {
            (Ok(answer), Ok(sampling)) => is_same(&answer, &given, &sampling),
            _ => false,
        };
        if is_right {
            Verdict::of(true)
        } else {
            Verdict::wrong(format!("Understood answer as ${formula}$.{advice}"))
        }
    }

    fn keeps_attempt(&self) -> bool {
        true
    }
}

/// Inequalities compare by sides; the reversed form counts as the same.
fn is_same(answer: &Relation, given: &Relation, sampling: &Sampling) -> bool {
    let sides = |a: &Relation, b: &Relation| match (&a.right, &b.right) {
        (None, None) => sampling.agree(&a.left, &b.left),
        (Some(ar), Some(br)) => sampling.agree(&a.left, &b.left) && sampling.agree(ar, br),
        _ => false,
    };
    (answer.sign == given.sign && sides(answer, given))
        || given.reversed().is_some_and(|turned| answer.sign == turned.sign && sides(answer, &turned))
}

fn advice(formula: &str) -> String {
    let names: Vec<&str> = formula.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let told = ADVICE.iter().filter(|(name, _)| names.contains(name));
    told.map(|(name, better)| format!(" Use `{better}` instead of `{name}`.")).collect()
}

/// A task with numbers drawn for each attempt.
#[derive(Debug)]
pub(super) struct RandomTasks;

/// The variable where it stands as a word of its own. How the platform marks variables in the text is not known; a
/// name may bring its own mark, such as a backslash.
fn replace_word(text: &str, name: &str, value: &str) -> String {
    if name.is_empty() {
        return text.to_owned();
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '\\';
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(name) {
        let (before, tail) = rest.split_at(at);
        let after = tail.get(name.len()..).unwrap_or_default();
        let bounded_left = !before.chars().next_back().or(out.chars().next_back()).is_some_and(is_word);
        let bounded = bounded_left && !after.chars().next().is_some_and(is_word);
        out.push_str(before);
        out.push_str(if bounded { value } else { name });
        rest = after;
    }
    out + rest
}

impl Quiz for RandomTasks {
    fn prepare(&self, source: &Value) -> Result<Value, String> {
        for key in ["task", "solve"] {
            text(source, key)?;
        }
        let error = text(source, "max_error")?;
        decimal(error).ok_or_else(|| format!("`max_error` is not a number: `{error}`."))?;
        for range in list(source, "ranges")? {
            text(range, "variable")?;
            let (from, to, step) =
                (float(range, "num_from")?, float(range, "num_to")?, float(range, "num_step")?);
            if from > to || step <= 0.0 {
                return Err("Ranges must be ordered and have a positive step.".to_owned());
            }
        }
        let task = self.generate(source, &mut Dice::new(0));
        match task.clue {
            Value::String(_) => Ok(json!({})),
            _ => Err("`solve` cannot be computed.".to_owned()),
        }
    }

    fn generate(&self, source: &Value, dice: &mut Dice) -> Task {
        let (mut task, mut solve) = (
            text(source, "task").unwrap_or_default().to_owned(),
            text(source, "solve").unwrap_or_default().to_owned(),
        );
        for range in list(source, "ranges").unwrap_or_default() {
            let number = |key| float(range, key).unwrap_or_default();
            let (from, to, step) = (number("num_from"), number("num_to"), number("num_step"));
            let steps = if step > 0.0 { ((to - from) / step).floor().max(0.0) as usize } else { 0 };
            let drawn = (from + step * dice.below(steps.saturating_add(1)) as f64).to_string();
            let name = text(range, "variable").unwrap_or_default();
            task = replace_word(&task, name, &drawn);
            solve = replace_word(&solve, name, &format!("({drawn})"));
        }
        let answer =
            Expression::parse(&solve).ok().and_then(|e| e.value(&BTreeMap::new())).map(|z| z.re.to_string());
        Task { clue: json!(answer), ..Task::showing(json!({ "task": task })) }
    }

    fn clean(&self, _source: &Value, _dataset: &Value, reply: &Value) -> Result<Value, String> {
        Ok(json!({ "answer": text(reply, "answer")? }))
    }

    fn grade(&self, source: &Value, clue: &Value, reply: &Value) -> Verdict {
        let given = text(reply, "answer").ok().and_then(decimal);
        let answer = clue.as_str().and_then(decimal);
        let error = text(source, "max_error").ok().and_then(decimal);
        let (Some(given), Some(answer), Some(error)) = (given, answer, error) else {
            return Verdict::wrong("Only numbers, please");
        };
        // The answer was computed in binary floating point; without this slack 0.1+0.2 would miss 0.3.
        let slack =
            BigDecimal::from(1) / BigDecimal::from(1_000_000_000_i64) * answer.abs().max(BigDecimal::from(1));
        let distance = (given - answer).abs();
        Verdict::of(distance <= error + slack && distance.to_f64().is_some())
    }
}
