//! `math`: an expression (reference stepik.md 4.7).

use lms_core::grade::expression::Expression;
use lms_core::{Exercise, FormulaInteraction, Interaction, Key, SampledVariable, Tolerance};
use serde_json::{Value, json};

use super::{ANY, MISFIT, Quiz, Written, keep, key, restore, sympy};
use crate::convert::Losses;
use crate::wire::{Object, get, object};

/// Points at which Stepik tries an expression.
const SAMPLES: u32 = 10;
pub(in crate::convert) fn read(source: &Object) -> Option<Quiz> {
    let answer = source.get("answer").and_then(Value::as_str).filter(|a| !a.trim().is_empty())?;
    let test = get::object(source, "numerical_test")?;
    let (low, high) = (get::number(test, "z_re_min")?, get::number(test, "z_re_max")?);
    let variables =
        sympy::variables(answer).into_iter().map(|name| SampledVariable { name, low, high }).collect();
    let key = Key::Formula {
        answer: answer.to_owned(),
        variables,
        samples: SAMPLES,
        tolerance: Tolerance::Absolute { by: get::decimal(test, "max_error").unwrap_or_else(|| "0".into()) },
        case_sensitive: true,
    };
    let mut quiz = Quiz::new(Interaction::Formula(FormulaInteraction::default()), Some(key));
    keep(&mut quiz.kept, source, &["answer", "numerical_test"], &[]);
    // The model tries real numbers only; the box in the complex plane goes back as it was.
    quiz.kept.insert("numerical_test".into(), Value::Object(test.clone()));
    Some(quiz)
}

pub(in crate::convert) fn write(exercise: &Exercise, extras: &Object, losses: &mut Losses) -> Written {
    let (answer, variables, tolerance, case_sensitive) = match key(exercise)? {
        Key::Formula { answer, variables, tolerance, case_sensitive, samples: _ } => {
            (answer, variables, tolerance, *case_sensitive)
        }
        Key::Any => return Err(ANY),
        _ => return Err(MISFIT),
    };
    if answer.trim().is_empty() {
        return Err("the right expression is empty");
    }
    let own = get::object(extras, "numerical_test");
    // Stepik refuses a step whose answer it cannot read, once all is written (reference stepik.md 4.7).
    if own.is_none() && Expression::parse(answer).is_err() {
        return Err("its right answer is an expression that cannot be read");
    }
    let native = match own {
        Some(_) => answer.clone(),
        None => sympy::spelled(answer, variables, case_sensitive)?,
    };
    let test = match own {
        Some(own) if says(own, variables, tolerance) => own.clone(),
        // The author changed the range or the tolerance; the rest of the box stays.
        Some(own) => {
            let mut test = own.clone();
            let changed = test_of(variables, tolerance, losses);
            for key in ["z_re_min", "z_re_max", "max_error"] {
                test.extend(changed.get(key).map(|value| (key.to_owned(), value.clone())));
            }
            test
        }
        None => {
            losses.changing_marks("how expressions are compared",
                "Stepik compares symbolically, else at ten points of the complex plane; its syntax is SymPy's",
                "the same expression, tried in one range for all variables: what is equal for some values only may be marked otherwise",
            );
            test_of(variables, tolerance, losses)
        }
    };
    if !case_sensitive {
        losses.changing_marks(
            "case of variables",
            "on Stepik it counts",
            "it counts: a name in the other case is wrong",
        );
    }
    let source = object(json!({"answer": native, "numerical_test": test}));
    Ok(("math", restore(source, extras, &[])))
}

/// Whether a box is the one that the model tells of.
fn says(test: &Object, variables: &[SampledVariable], tolerance: &Tolerance) -> bool {
    let range = (get::number(test, "z_re_min"), get::number(test, "z_re_max"));
    let by = get::decimal(test, "max_error").unwrap_or_else(|| "0".into());
    variables.iter().all(|v| (Some(v.low), Some(v.high)) == range) && *tolerance == Tolerance::Absolute { by }
}

fn test_of(variables: &[SampledVariable], tolerance: &Tolerance, losses: &mut Losses) -> Object {
    // Where all ranges overlap, every variable is tried where its author wanted.
    let low = variables.iter().map(|v| v.low).fold(f64::NEG_INFINITY, f64::max);
    let high = variables.iter().map(|v| v.high).fold(f64::INFINITY, f64::min);
    let (low, high) =
        if low.is_finite() && high.is_finite() && low <= high { (low, high) } else { (1.0, 2.0) };
    if variables.iter().any(|v| v.low != low || v.high != high) {
        losses.changing_marks(
            "ranges of variables",
            "Stepik has one range for all variables",
            "all are tried in one range: what is equal in a part of it only is wrong",
        );
    }
    let by = match tolerance {
        Tolerance::Absolute { by } => by.clone(),
        Tolerance::Percent { .. } => {
            losses.changing_marks(
                "a tolerance in percent",
                "Stepik takes an absolute one for expressions",
                "values may differ by 0.000001, and what differs more is wrong",
            );
            "1e-06".to_owned()
        }
    };
    object(json!({
        "z_re_min": low.to_string(),
        "z_re_max": high.to_string(),
        "z_im_min": "-1",
        "z_im_max": "1",
        "max_error": by,
        "integer_only": false,
    }))
}

#[cfg(test)]
mod tests {
    use lms_core::Markup;

    use super::*;

    #[test]
    fn an_answer_that_stepik_could_not_read_is_not_sent() {
        let written = |answer: &str| {
            let key = Key::Formula {
                answer: answer.into(),
                variables: vec![SampledVariable { name: "x".into(), low: 1.0, high: 2.0 }],
                samples: 5,
                tolerance: Tolerance::Absolute { by: "0.01".into() },
                case_sensitive: true,
            };
            let formula = Interaction::Formula(FormulaInteraction::default());
            let exercise = Exercise::new("t", Markup::default(), formula).with_key(key);
            write(&exercise, &Object::new(), &mut Losses::default()).is_ok()
        };
        for broken in ["2x", "3k*x", "x!", "(x", "$x", "sin x"] {
            assert!(!written(broken), "{broken}");
        }
        assert!(written("2*x") && written("x**2"));
    }
}
