//! Formulas, compared at points.

use super::expression::{Complex, Expression};
use super::{Ungradable, number};
use crate::{Key, Tolerance};

/// Points tried at most, whatever a key asks for.
const SAMPLES: u32 = 1_000;
/// What two ways of reckoning the same may differ by, as a share of the larger value.
const ROUNDING: f64 = 1e-10;

/// A key that was read and can be tried.
///
/// The points are drawn evenly from the ranges, from the same seed every time, so that a mark never
/// changes from one run to the next. At each the answer must have a value, and be as near to the
/// key's as the tolerance says; a share of 1e-10 of the larger value is always forgiven, since
/// `x+x` and `2*x` need not round alike. A key without variables is tried once.
#[derive(Debug)]
pub(super) struct FormulaKey {
    case_sensitive: bool,
    points: Vec<Point>,
    leeway: Leeway,
}

#[derive(Debug)]
struct Point {
    variables: Vec<(String, f64)>,
    value: Complex,
}

#[derive(Debug, Clone, Copy)]
enum Leeway {
    Absolute(f64),
    Share(f64),
}

impl FormulaKey {
    /// Reads the key and reckons its values.
    pub(super) fn new(key: &Key) -> Result<Self, Ungradable> {
        let broken = |why: String| Ungradable::BrokenKey(why);
        let Key::Formula { answer, variables, samples, tolerance, case_sensitive } = key else {
            return Err(broken("it is of another kind than formula".into()));
        };
        let case_sensitive = *case_sensitive;
        let expression = Expression::parse(answer).map_err(|e| broken(format!("{answer:?}: {e}")))?;
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let count = if variables.is_empty() { 1 } else { (*samples).clamp(1, SAMPLES) };
        let mut points = Vec::new();
        for _ in 0..count {
            let mut drawn = Vec::with_capacity(variables.len());
            for variable in variables {
                let value = variable.low + (variable.high - variable.low) * dice.share();
                if !value.is_finite() {
                    return Err(broken(format!("the range of {} is not finite", variable.name)));
                }
                drawn.push((fold(&variable.name, case_sensitive), value));
            }
            let value = value_at(&expression, &drawn, case_sensitive)
                .map_err(|e| broken(format!("{answer:?}: {e}")))?;
            if !value.is_finite() {
                return Err(broken(format!("{answer:?} has no value at {drawn:?}")));
            }
            points.push(Point { variables: drawn, value });
        }
        Ok(Self { case_sensitive, points, leeway: leeway(tolerance)? })
    }

    /// Whether an answer agrees at every point. What cannot be read is wrong.
    pub(super) fn agrees(&self, answer: &str) -> Result<bool, Ungradable> {
        let Ok(answer) = Expression::parse(answer) else { return Ok(false) };
        Ok(self.points.iter().all(|point| {
            value_at(&answer, &point.variables, self.case_sensitive)
                .is_ok_and(|value| self.near(value, point.value))
        }))
    }

    fn near(&self, value: Complex, right: Complex) -> bool {
        let leeway = match self.leeway {
            Leeway::Absolute(by) => by,
            Leeway::Share(by) => by * right.modulus(),
        };
        let rounding = ROUNDING * right.modulus().max(value.modulus());
        value.is_finite() && (value - right).modulus() <= leeway.max(rounding)
    }
}

fn value_at(
    expression: &Expression,
    variables: &[(String, f64)],
    case_sensitive: bool,
) -> Result<Complex, super::expression::ExpressionError> {
    expression.evaluate(&|name| {
        let name = fold(name, case_sensitive);
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| Complex::real(*value))
    })
}

fn fold(name: &str, case_sensitive: bool) -> String {
    if case_sensitive { name.to_owned() } else { name.to_lowercase() }
}

fn leeway(tolerance: &Tolerance) -> Result<Leeway, Ungradable> {
    let (by, wrap): (_, fn(f64) -> Leeway) = match tolerance {
        Tolerance::Absolute { by } => (by, Leeway::Absolute),
        Tolerance::Percent { by } => (by, |by| Leeway::Share(by / 100.0)),
    };
    number::read_key(by)?;
    match by.trim().parse::<f64>() {
        Ok(by) if by.is_finite() && by >= 0.0 => Ok(wrap(by)),
        _ => Err(Ungradable::BrokenKey(format!("the tolerance {by} is negative or too large"))),
    }
}

/// Steele, Lea and Flood's SplitMix64: small, even, and the same everywhere.
struct Dice(u64);

impl Dice {
    /// From 0 to 1, 1 not included.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::{Mark, grade, testing::exercise};
    use crate::{Credit, FormulaInteraction, Interaction, Response, SampledVariable};

    fn key(answer: &str, variables: &[(&str, f64, f64)], tolerance: Tolerance, case_sensitive: bool) -> Key {
        Key::Formula {
            answer: answer.into(),
            variables: variables
                .iter()
                .map(|(name, low, high)| SampledVariable { name: (*name).into(), low: *low, high: *high })
                .collect(),
            samples: 10,
            tolerance,
            case_sensitive,
        }
    }

    fn mark(key: &Key, formula: &str) -> Result<Mark, Ungradable> {
        let interaction = Interaction::Formula(FormulaInteraction::default());
        let exercise = exercise(interaction, key.clone(), Credit::AllOrNothing);
        grade(&exercise, &Response::Formula { formula: formula.into() })
    }

    fn absolute(by: &str) -> Tolerance {
        Tolerance::Absolute { by: by.into() }
    }

    #[test]
    fn what_means_the_same_is_right() {
        let square = key("x^2+y", &[("x", 1.0, 5.0), ("y", 1.0, 5.0)], absolute("0.00001"), false);
        let beam = key(
            "(rho*omega^2*L^2)/E*((11*L)/48 +(3*R)/8)",
            &[("rho", 1.0, 9.0), ("omega", 1.0, 9.0), ("L", 1.0, 9.0), ("E", 1.0, 9.0), ("R", 1.0, 9.0)],
            Tolerance::Percent { by: "1".into() },
            true,
        );
        let cased = key("x+X", &[("x", 1.0, 2.0), ("X", 3.0, 4.0)], absolute("0"), true);
        let cases = [
            (&square, "y + x*x", true),
            (&square, "Y+X^2", true),
            (&square, "(x+y)^2-2*x*y-y^2+y", true),
            (&square, "x^2+y+0.000009", true),
            (&square, "x^2+y+0.000011", false),
            (&square, "x^2", false),
            (&square, "x^2+z", false),
            (&square, "x^2+", false),
            (&square, "", false),
            (&square, "(x^2+y)/(x-x)", false),
            (&beam, "rho*omega^2*L^2/E*(11*L/48+3*R/8)", true),
            (&beam, "1.0099*(rho*omega^2*L^2/E*(11*L/48+3*R/8))", true),
            (&beam, "1.0101*(rho*omega^2*L^2/E*(11*L/48+3*R/8))", false),
            (&cased, "X+x", true),
            (&cased, "x+x", false),
        ];
        for (key, formula, right) in cases {
            assert_eq!(mark(key, formula), Ok(Mark::all_or_nothing(right)), "{formula}");
        }
        let exact = key("x^2+y", &[("x", 1.0, 5.0), ("y", 1.0, 5.0)], absolute("0"), false);
        assert_eq!(mark(&exact, "(x+y)^2-2*x*y-y^2+y"), Ok(Mark::RIGHT));
        // Stepik's `2*x+1` against `1+x*2` (reference stepik.md 4.7), and a complex constant
        assert_eq!(
            mark(&key("2*x+1", &[("x", 2.0, 3.0)], absolute("1e-06"), true), "1+x*2"),
            Ok(Mark::RIGHT)
        );
        assert_eq!(mark(&key("10*i", &[], absolute("0"), false), "5*j*2"), Ok(Mark::RIGHT));
    }

    #[test]
    fn small_values_are_not_all_alike() {
        let charge = key("q", &[("q", 1.6e-19, 1.7e-19)], Tolerance::Percent { by: "1".into() }, false);
        assert_eq!(mark(&charge, "2*q"), Ok(Mark::WRONG));
    }

    #[test]
    fn a_key_that_cannot_be_tried_is_said() {
        for key in [
            key("x+", &[("x", 1.0, 2.0)], absolute("0"), false),
            key("y", &[("x", 1.0, 2.0)], absolute("0"), false),
            key("1/(x-x)", &[("x", 1.0, 2.0)], absolute("0"), false),
            key("x", &[("x", f64::NAN, 2.0)], absolute("0"), false),
            key("x", &[("x", 1.0, 2.0)], absolute("-1"), false),
            key("x", &[("x", 1.0, 2.0)], absolute("many"), false),
        ] {
            assert!(matches!(mark(&key, "x"), Err(Ungradable::BrokenKey(_))), "{key:?}");
        }
    }
}
