//! The same expression as Open edX spells it.

use super::function::Function;
use super::token::{Token, tokens};
use super::{Expression, ExpressionError};

/// A parenthesis that is to be closed where the operand of a sign ends.
struct Pending {
    depth: usize,
    /// Whether `||` ends it, too.
    before_parallel: bool,
}

/// An expression of the neutral grammar in the words of Open edX: `^` for `**`, `ln` for `log`, `arcsin` for `asin`,
/// parentheses around a name with a sign behind an operator. What Open edX reads as it stands stays as it is.
///
/// `is_variable` says which names are variables: the others are functions and constants, which are written in small
/// letters where `case_sensitive`. `Ok(None)` where Open edX lacks a function (`re`, `im`, `conj`).
///
/// # Errors
/// As [`Expression::parse`].
///
/// ```
/// use lms_core::grade::expression::spelled_for_open_edx;
///
/// let spelled = spelled_for_open_edx("asin(x)**2*-y + E", &|name| name == "x" || name == "y", true)?;
/// assert_eq!(spelled.as_deref(), Some("arcsin(x)^2*(-y) + e"));
/// # Ok::<(), lms_core::grade::expression::ExpressionError>(())
/// ```
pub fn spelled_for_open_edx(
    text: &str,
    is_variable: &dyn Fn(&str) -> bool,
    case_sensitive: bool,
) -> Result<Option<String>, ExpressionError> {
    Expression::parse(text)?;
    let chars: Vec<char> = text.chars().collect();
    let tokens = tokens(text)?;
    let mut out: String = chars.iter().take_while(|c| c.is_whitespace()).collect();
    let mut depth = 0_usize;
    let mut pending: Vec<Pending> = Vec::new();
    let mut before: Option<&Token> = None;
    for (n, (at, token)) in tokens.iter().enumerate() {
        let next = tokens.get(n + 1);
        let written: String =
            chars.get(*at..next.map_or(chars.len(), |(at, _)| *at)).unwrap_or_default().iter().collect();
        let binary = matches!(before, Some(Token::Close | Token::Number(_) | Token::Name(_)));
        let ends = |open: &Pending| {
            open.depth == depth
                && match token {
                    Token::Plus | Token::Minus => binary,
                    Token::Times | Token::Over | Token::Close => true,
                    Token::Parallel => open.before_parallel,
                    _ => false,
                }
        };
        while pending.last().is_some_and(ends) {
            pending.pop();
            close(&mut out);
        }
        match token {
            Token::Power => out.push_str(&written.replacen("**", "^", 1)),
            Token::Plus | Token::Minus => {
                let number = matches!(next, Some((_, Token::Number(_))));
                if !binary && !number && !matches!(before, None | Some(Token::Open)) {
                    out.push('(');
                    let before_parallel = matches!(before, Some(Token::Power | Token::Parallel));
                    pending.push(Pending { depth, before_parallel });
                }
                out.push_str(&written.replacen('\u{2212}', "-", 1));
            }
            Token::Name(name) => {
                let called = matches!(next, Some((_, Token::Open)));
                let known = if called { function(name) } else { constant(name, is_variable) };
                match known {
                    Spelling::Unknown => return Ok(None),
                    Spelling::Is(known) if known != name.to_lowercase() || case_sensitive => {
                        out.push_str(&written.replacen(name.as_str(), &known, 1));
                    }
                    Spelling::Is(_) | Spelling::Own => out.push_str(&written),
                }
            }
            Token::Open | Token::Close => {
                depth = if *token == Token::Open { depth + 1 } else { depth.saturating_sub(1) };
                out.push_str(&written);
            }
            _ => out.push_str(&written),
        }
        before = Some(token);
    }
    for _ in pending {
        close(&mut out);
    }
    Ok(Some(out))
}

/// Closes a parenthesis behind the last word.
fn close(out: &mut String) {
    out.insert(out.trim_end().len(), ')');
}

enum Spelling {
    /// The author's own name.
    Own,
    /// Open edX's name.
    Is(String),
    /// Open edX has no such thing.
    Unknown,
}

fn function(name: &str) -> Spelling {
    let lower = name.to_lowercase();
    if Function::named(&lower).is_none() || matches!(lower.as_str(), "re" | "im" | "conj") {
        return Spelling::Unknown;
    }
    Spelling::Is(match lower.strip_prefix('a') {
        _ if lower == "log" => "ln".to_owned(),
        Some(rest) if rest != "bs" && !lower.starts_with("arc") => format!("arc{rest}"),
        _ => lower,
    })
}

fn constant(name: &str, is_variable: &dyn Fn(&str) -> bool) -> Spelling {
    let lower = name.to_lowercase();
    if is_variable(name) || !matches!(lower.as_str(), "e" | "pi" | "i" | "j") {
        return Spelling::Own;
    }
    Spelling::Is(lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::expression::Complex;

    fn spelled(text: &str, case_sensitive: bool) -> Option<String> {
        spelled_for_open_edx(text, &|name| matches!(name, "x" | "y" | "I"), case_sensitive)
            .expect("it is read")
    }

    #[test]
    fn other_words_for_the_same() {
        for (text, is) in [
            ("x**2", "x^2"),
            ("x ** 2", "x ^ 2"),
            ("log(x)+LOG2(x)", "ln(x)+log2(x)"),
            ("asin(x)*Acosh(y)*arctan(x)*abs(-x)", "arcsin(x)*arccosh(y)*arctan(x)*abs(-x)"),
            ("E**x+PI*I+j", "e^x+pi*I+j"),
            ("2*-x", "2*(-x)"),
            ("2*-x^2*3", "2*(-x^2)*3"),
            ("2*-x || y + 1", "2*(-x || y) + 1"),
            ("2||-x||y", "2||(-x)||y"),
            ("2^-x^2||y", "2^(-x^2)||y"),
            ("x+-sin(x*-y)-1", "x+(-sin(x*(-y)))-1"),
            ("--x", "-(-x)"),
            ("x\u{2212}1", "x-1"),
            ("2*-3", "2*-3"),
            ("-x^2 + y", "-x^2 + y"),
            ("5%*x", "5%*x"),
        ] {
            assert_eq!(spelled(text, true).as_deref(), Some(is), "{text}");
            let value = |text: &str| {
                let at = |name: &str| match name {
                    "x" => Some(Complex::real(0.5)),
                    "y" | "I" => Some(Complex::real(3.0)),
                    _ => None,
                };
                Expression::parse(text).expect("it is read").evaluate(&at).expect("a value")
            };
            let (was, is) = (value(text), value(is));
            assert!((was - is).modulus() < 1e-12 || !was.is_finite(), "{text}: {was:?}, {is:?}");
        }
    }

    #[test]
    fn what_open_edx_reads_stays() {
        for text in ["Sin(X)^2+Pi", "R_1 || R_2 + 2e3", "  x ", "arcsinh(x)/fact(3)"] {
            assert_eq!(spelled(text, false).as_deref(), Some(text));
        }
        assert_eq!(spelled("Sin(x)", true).as_deref(), Some("sin(x)"));
        assert_eq!(spelled("re(x)", true), None);
        assert!(spelled_for_open_edx("floor(x)", &|_| true, true).is_err());
    }
}
