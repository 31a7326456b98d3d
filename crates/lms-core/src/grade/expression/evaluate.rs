//! A tree to a value.

use std::collections::BTreeSet;

use super::{Complex, ExpressionError, Node};

type Variables<'a> = &'a dyn Fn(&str) -> Option<Complex>;

pub(super) fn evaluate(node: &Node, variable: Variables<'_>) -> Result<Complex, ExpressionError> {
    Ok(match node {
        Node::Number(value) => Complex::real(*value),
        Node::Variable(name) => variable(name)
            .or_else(|| constant(name))
            .ok_or_else(|| ExpressionError::UnknownVariable(name.clone()))?,
        Node::Call(function, argument) => function.apply(evaluate(argument, variable)?),
        Node::Negative(inner) => -evaluate(inner, variable)?,
        Node::Power(tower) => {
            let mut result = None;
            for level in tower.iter().rev() {
                let value = evaluate(level, variable)?;
                result = Some(match result {
                    Some(exponent) => value.power(exponent),
                    None => value,
                });
            }
            result.unwrap_or(Complex::NAN)
        }
        Node::Parallel(branches) => {
            let mut sum = Complex::default();
            for branch in branches {
                // a branch of zero gives no number, as on Open edX
                let value = evaluate(branch, variable)?;
                sum = sum + if value.is_zero() { Complex::NAN } else { value.recip() };
            }
            sum.recip()
        }
        Node::Product(factors) => {
            let mut product = Complex::ONE;
            for (divides, factor) in factors {
                let value = evaluate(factor, variable)?;
                product = if *divides { product / value } else { product * value };
            }
            product
        }
        Node::Sum(terms) => {
            let mut sum = Complex::default();
            for (taken_away, term) in terms {
                let value = evaluate(term, variable)?;
                sum = if *taken_away { sum - value } else { sum + value };
            }
            sum
        }
    })
}

pub(super) fn collect<'a>(node: &'a Node, names: &mut BTreeSet<&'a str>) {
    match node {
        Node::Number(_) => {}
        Node::Variable(name) => {
            names.insert(name);
        }
        Node::Call(_, inner) | Node::Negative(inner) => collect(inner, names),
        Node::Power(parts) | Node::Parallel(parts) => parts.iter().for_each(|part| collect(part, names)),
        Node::Product(parts) | Node::Sum(parts) => parts.iter().for_each(|(_, part)| collect(part, names)),
    }
}

fn constant(name: &str) -> Option<Complex> {
    match name.to_ascii_lowercase().as_str() {
        "e" => Some(Complex::real(std::f64::consts::E)),
        "pi" => Some(Complex::real(std::f64::consts::PI)),
        "i" | "j" => Some(Complex::I),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::expression::Expression;

    fn value(text: &str) -> Complex {
        let known = |name: &str| match name {
            "x" => Some(Complex::real(2.0)),
            "x'" => Some(Complex::real(3.0)),
            "R_1" => Some(Complex::real(4.0)),
            _ => None,
        };
        Expression::parse(text)
            .and_then(|read| read.evaluate(&known))
            .unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    fn close(text: &str, expected: Complex) {
        let value = value(text);
        let off = (value - expected).modulus();
        assert!(off <= 1e-12 * expected.modulus().max(1.0), "{text} is {value}, not {expected}");
    }

    #[test]
    fn values() {
        use std::f64::consts::{FRAC_PI_2, PI};
        let cases = [
            ("1+2*3", 7.0),
            ("-2^2", -4.0),
            ("(-2)^2", 4.0),
            ("(-2)^3", -8.0),
            ("2^3^2", 512.0),
            ("2**3", 8.0),
            ("2^-1", 0.5),
            ("2^-x^2", 0.0625),
            ("3*-x^2", -12.0),
            ("-2||2", -1.0),
            ("1||-0.5||x", -2.0),
            ("2*-3", -6.0),
            ("1--1", 2.0),
            ("8/2/2", 2.0),
            ("2-3-4", -5.0),
            ("1||1", 0.5),
            ("2*4||4", 4.0),
            ("2||2^2", 4.0 / 3.0),
            ("9.3*10^7", 9.3e7),
            ("1.5e-3", 0.0015),
            (".5", 0.5),
            ("5.", 5.0),
            ("50%", 0.5),
            ("R_1 * x / x'", 8.0 / 3.0),
            ("22/7", 22.0 / 7.0),
            ("SIN(PI/2)", 1.0),
            ("log10(1000)", 3.0),
            ("log2(8)", 3.0),
            ("ln(e)", 1.0),
            ("sqrt(16)", 4.0),
            ("fact(5)+factorial(0)", 121.0),
            ("abs(3+4*i)", 5.0),
            ("arcsin(1)", FRAC_PI_2),
            ("arccos(-1)", PI),
            ("arccot(1)*4", PI),
            ("arcsec(2)*3", PI),
            ("arccsch(1)", 1.0_f64.asinh()),
            ("arctanh(tanh(0.3))", 0.3),
            ("acosh(2)", 2.0_f64.acosh()),
            ("sec(0)+cosh(0)", 2.0),
            ("cot(1)*tan(1)", 1.0),
            ("csc(1)*sin(1)", 1.0),
            ("i^2", -1.0),
            ("e^(i*pi)", -1.0),
            ("re(2+3*j)+im(2+3*j)", 5.0),
            ("0^0", 1.0),
        ];
        for (text, expected) in cases {
            close(text, Complex::real(expected));
        }
        close("10*i", Complex::new(0.0, 10.0));
        close("sqrt(-4)", Complex::new(0.0, 2.0));
        close("sqrt(3-4*i)", Complex::new(2.0, -1.0));
        close("(1+i)/(1-i)", Complex::I);
        close("(-8)^(1/3)", Complex::new(1.0, 3.0_f64.sqrt()));
        close("sin(arcsin(2+i))", Complex::new(2.0, 1.0));
        close("cos(arccos(3))", Complex::real(3.0));
        close("tan(arctan(1+2*i))", Complex::new(1.0, 2.0));
        close("ln(10*-0.5)", Complex::new(5.0_f64.ln(), std::f64::consts::PI));
        close("arcsin(-2)", Complex::new(-std::f64::consts::FRAC_PI_2, 2.0_f64.acosh()));
        close("arctanh(2)", Complex::new(3.0_f64.ln() / 2.0, std::f64::consts::FRAC_PI_2));
        close("cosh(arccosh(0.5*i))", Complex::new(0.0, 0.5));
    }

    #[test]
    fn some_have_no_value() {
        for text in ["1/0", "0^-1", "1||0", "fact(0.5)", "fact(171)", "ln(0)", "0/0", "10^400"] {
            assert!(!value(text).is_finite(), "{text}");
        }
        let unknown = Expression::parse("y+1").and_then(|read| read.evaluate(&|_| None));
        assert_eq!(unknown, Err(ExpressionError::UnknownVariable("y".into())));
    }

    #[test]
    fn a_name_given_comes_before_a_constant() {
        let read = Expression::parse("E*e").unwrap();
        let value = read.evaluate(&|name| (name == "E").then(|| Complex::real(3.0))).unwrap();
        assert_eq!(value, Complex::real(3.0 * std::f64::consts::E));
        assert_eq!(read.variables(), BTreeSet::from(["E", "e"]));
    }
}
