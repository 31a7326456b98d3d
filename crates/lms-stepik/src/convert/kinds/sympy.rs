//! Names in expressions: SymPy's, which Stepik reads, and those of the neutral grammar
//! (reference stepik.md 4.7; `lms_core::grade::expression`).

use std::collections::BTreeSet;

use lms_core::SampledVariable;

/// Names that are no variables in SymPy's syntax.
const KNOWN: [&str; 34] = [
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "asin",
    "acos",
    "atan",
    "acot",
    "sinh",
    "cosh",
    "tanh",
    "coth",
    "asinh",
    "acosh",
    "atanh",
    "exp",
    "log",
    "ln",
    "lg",
    "sqrt",
    "cbrt",
    "root",
    "abs",
    "Abs",
    "sign",
    "factorial",
    "floor",
    "ceiling",
    "gamma",
    "pi",
    "E",
    "I",
];

/// What the neutral grammar calls otherwise.
const RENAMED: [(&str, &str); 14] = [
    ("e", "E"),
    ("i", "I"),
    ("j", "I"),
    ("fact", "factorial"),
    ("arcsin", "asin"),
    ("arccos", "acos"),
    ("arctan", "atan"),
    ("arccot", "acot"),
    ("arcsec", "asec"),
    ("arccsc", "acsc"),
    ("arcsinh", "asinh"),
    ("arccosh", "acosh"),
    ("arctanh", "atanh"),
    ("arccoth", "acoth"),
];

/// A piece of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Name(&'a str),
    Other(&'a str),
}

/// Names, and what is between them. The `e` of an exponent is no name.
fn pieces(expression: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut begin, mut in_name, mut in_number) = (0, false, false);
    for (at, c) in expression.char_indices() {
        let begins = (c.is_alphabetic() || c == '_') && !(in_number && matches!(c, 'e' | 'E'));
        let goes_on = in_name && (c.is_ascii_digit() || c.is_alphabetic() || c == '_');
        if (begins || goes_on) != in_name {
            if at > begin {
                let piece = &expression[begin..at];
                pieces.push(if in_name { Piece::Name(piece) } else { Piece::Other(piece) });
            }
            (begin, in_name) = (at, begins || goes_on);
        }
        in_number = !in_name && (c.is_ascii_digit() || c == '.');
    }
    let rest = &expression[begin..];
    if !rest.is_empty() {
        pieces.push(if in_name { Piece::Name(rest) } else { Piece::Other(rest) });
    }
    pieces
}

/// The names in an expression of Stepik's that stand for something, in order.
pub(super) fn variables(expression: &str) -> BTreeSet<String> {
    let names = pieces(expression).into_iter().filter_map(|piece| match piece {
        Piece::Name(name) if !KNOWN.contains(&name) => Some(name.to_owned()),
        _ => None,
    });
    names.collect()
}

/// A neutral expression in SymPy's names.
pub(super) fn spelled(
    expression: &str,
    variables: &[SampledVariable],
    case_sensitive: bool,
) -> Result<String, &'static str> {
    if expression.contains("||") || expression.contains('%') {
        return Err("Stepik has no parallel resistors and no percent sign in expressions");
    }
    let is_variable = |name: &str| {
        variables.iter().any(|known| match case_sensitive {
            true => known.name == name,
            false => known.name.to_lowercase() == name.to_lowercase(),
        })
    };
    let mut out = String::with_capacity(expression.len());
    for piece in pieces(expression) {
        match piece {
            Piece::Name(name) if !is_variable(name) => {
                // Case counts in none of the names that the neutral grammar knows.
                let lower = name.to_lowercase();
                match lower.as_str() {
                    "log2" | "log10" | "conj" => {
                        return Err("Stepik has no log2, log10 and conj in expressions");
                    }
                    _ => {}
                }
                let renamed =
                    RENAMED.iter().find(|(neutral, _)| *neutral == lower).map(|(_, native)| *native);
                out.push_str(renamed.unwrap_or(&lower));
            }
            Piece::Name(text) | Piece::Other(text) => out.push_str(text),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_neither_functions_nor_exponents() {
        let found: Vec<_> = variables("2*x_1^2 + sin(y)*1e-3 + pi*E + t2").into_iter().collect();
        assert_eq!(found, ["t2", "x_1", "y"]);
    }

    #[test]
    fn neutral_names_become_those_of_sympy() {
        let variable = |name: &str| SampledVariable { name: name.into(), low: 1.0, high: 2.0 };
        let variables = [variable("x"), variable("j")];
        let spelled = |text: &str| spelled(text, &variables, true);
        for (neutral, native) in [
            ("e^x + 2.5e-3*j", "E^x + 2.5e-3*j"),
            ("ArcSin(x)*PI + i", "asin(x)*pi + I"),
            ("fact(3)/x_e", "factorial(3)/x_e"),
            ("x", "x"),
        ] {
            assert_eq!(spelled(neutral).as_deref(), Ok(native));
        }
        for impossible in ["x || j", "5%*x", "log10(x)"] {
            assert!(spelled(impossible).is_err(), "{impossible}");
        }
    }

    #[test]
    fn pieces_are_the_whole() {
        for text in ["", "x", "1e5", "1.e5x", "a_1+b'2", "2x", "é*µ_2"] {
            let whole: String = pieces(text)
                .iter()
                .map(|piece| match piece {
                    Piece::Name(text) | Piece::Other(text) => *text,
                })
                .collect();
            assert_eq!(whole, text);
        }
    }
}
