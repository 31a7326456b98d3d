//! The calculator of numerical and formula answers (reference openedx.md 5.10, "Numerical").

use std::collections::HashMap;

use super::math::{self, Complex, I, real};

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trouble {
    /// Not an expression.
    Syntax,
    /// Names that mean nothing here.
    Unknown(Vec<String>),
    /// A function outside its domain.
    Domain,
}

/// Names and their values; names are in lower case when case does not count.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) values: HashMap<String, Complex>,
    pub(super) case_sensitive: bool,
}

/// Brackets and powers nest; more of them than this is no answer of a person.
const NESTING: usize = 200;

/// The value of `text`. White space alone has no value: NaN.
pub(super) fn evaluate(text: &str, names: &Names) -> Result<Complex, Trouble> {
    if text.trim().is_empty() {
        return Ok(real(f64::NAN));
    }
    let tokens = tokens(text)?;
    let nesting = tokens.iter().filter(|token| matches!(token, Token::Sign('(' | '^'))).count();
    if nesting > NESTING {
        return Err(Trouble::Syntax);
    }
    let mut unknown = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let Token::Name(name) = token {
            let called = matches!(tokens.get(at + 1), Some(Token::Sign('(')));
            let known =
                if called { math::is_function(&name.to_lowercase()) } else { lookup(name, names).is_some() };
            if !known {
                unknown.push(name.clone());
            }
        }
    }
    let mut parser = Parser { tokens: &tokens, at: 0, names };
    let value = parser.sum();
    // The whole text is parsed before names are looked up.
    match value {
        Err(Trouble::Syntax) => Err(Trouble::Syntax),
        _ if parser.at < tokens.len() => Err(Trouble::Syntax),
        _ if !unknown.is_empty() => Err(Trouble::Unknown(unknown)),
        value => value,
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Sign(char),
    Parallel,
}

fn lookup(name: &str, names: &Names) -> Option<Complex> {
    let name = if names.case_sensitive { name.to_owned() } else { name.to_lowercase() };
    names.values.get(&name).copied().or(match name.as_str() {
        "i" | "j" => Some(I),
        "e" => Some(real(std::f64::consts::E)),
        "pi" => Some(real(std::f64::consts::PI)),
        _ => None,
    })
}

fn tokens(text: &str) -> Result<Vec<Token>, Trouble> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_ascii_digit() || (c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) {
            let (number, next) = number(&chars, at)?;
            found.push(Token::Number(number));
            at = next;
        } else if c.is_alphabetic() {
            let start = at;
            while chars.get(at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '\'')) {
                at += 1;
            }
            // Tensor indices: a name may go on with `_{ij}` and `^{kl}`.
            while matches!((chars.get(at), chars.get(at + 1)), (Some('^'), Some('{')))
                || (chars.get(at) == Some(&'{') && chars[at - 1] == '_')
            {
                let close = chars[at..].iter().position(|c| *c == '}').ok_or(Trouble::Syntax)?;
                at += close + 1;
            }
            found.push(Token::Name(chars[start..at].iter().collect()));
        } else if c == '|' && chars.get(at + 1) == Some(&'|') {
            found.push(Token::Parallel);
            at += 2;
        } else if matches!(c, '+' | '-' | '*' | '/' | '^' | '(' | ')') {
            found.push(Token::Sign(c));
            at += 1;
        } else if c.is_whitespace() {
            at += 1;
        } else {
            return Err(Trouble::Syntax);
        }
    }
    Ok(found)
}

/// Digits, exponent, and one suffix such as `%` or `k`.
fn number(chars: &[char], start: usize) -> Result<(f64, usize), Trouble> {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut at = start;
    while digit(at) || chars.get(at) == Some(&'.') {
        at += 1;
    }
    if matches!(chars.get(at), Some('e' | 'E')) {
        let signed = usize::from(matches!(chars.get(at + 1), Some('+' | '-')));
        if digit(at + 1 + signed) {
            at += 1 + signed;
            while digit(at) {
                at += 1;
            }
        }
    }
    let text: String = chars[start..at].iter().collect();
    let value: f64 = text.parse().map_err(|_| Trouble::Syntax)?;
    let scale = match chars.get(at) {
        Some('%') => 0.01,
        Some('k') => 1e3,
        Some('M') => 1e6,
        Some('G') => 1e9,
        Some('T') => 1e12,
        Some('c') => 1e-2,
        Some('m') => 1e-3,
        Some('u') => 1e-6,
        Some('n') => 1e-9,
        Some('p') => 1e-12,
        _ => return Ok((value, at)),
    };
    Ok((value * scale, at + 1))
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    names: &'a Names,
}

impl Parser<'_> {
    fn take(&mut self, sign: char) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(found);
        found
    }

    fn sum(&mut self) -> Result<Complex, Trouble> {
        let negative = self.take('-');
        if !negative {
            self.take('+');
        }
        let first = self.product()?;
        let mut value = if negative { first.neg() } else { first };
        loop {
            if self.take('+') {
                value = value.add(self.product()?);
            } else if self.take('-') {
                value = value.sub(self.product()?);
            } else {
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<Complex, Trouble> {
        let mut value = self.parallel()?;
        loop {
            if self.take('*') {
                value = value.mul(self.parallel()?);
            } else if self.take('/') {
                value = value.div(self.parallel()?);
            } else {
                return Ok(value);
            }
        }
    }

    /// Resistors side by side: the inverse of the sum of inverses.
    fn parallel(&mut self) -> Result<Complex, Trouble> {
        let first = self.power()?;
        let mut inverse = math::ONE.div(first);
        let mut several = false;
        while self.tokens.get(self.at) == Some(&Token::Parallel) {
            self.at += 1;
            several = true;
            inverse = inverse.add(math::ONE.div(self.power()?));
        }
        Ok(if several { math::ONE.div(inverse) } else { first })
    }

    fn power(&mut self) -> Result<Complex, Trouble> {
        let base = self.atom()?;
        if !self.take('^') {
            return Ok(base);
        }
        let negative = self.take('-');
        let power = self.power()?;
        Ok(base.pow(if negative { power.neg() } else { power }))
    }

    fn atom(&mut self) -> Result<Complex, Trouble> {
        if self.take('(') {
            let value = self.sum()?;
            return if self.take(')') { Ok(value) } else { Err(Trouble::Syntax) };
        }
        match self.tokens.get(self.at).cloned() {
            Some(Token::Number(number)) => {
                self.at += 1;
                Ok(real(number))
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                if !self.take('(') {
                    return Ok(lookup(&name, self.names).unwrap_or(real(f64::NAN)));
                }
                let value = self.sum()?;
                if !self.take(')') {
                    return Err(Trouble::Syntax);
                }
                let name = name.to_lowercase();
                match math::call(&name, value) {
                    Some(value) => Ok(value),
                    None if math::is_function(&name) => Err(Trouble::Domain),
                    None => Ok(real(f64::NAN)),
                }
            }
            _ => Err(Trouble::Syntax),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> f64 {
        evaluate(text, &Names::default()).expect(text).re
    }

    #[test]
    fn expressions_have_the_values_of_the_calculator() {
        for (text, expected) in [
            ("2+3*4", 14.0),
            ("2^3^2", 512.0),
            ("-2^2", -4.0),
            ("2k", 2000.0),
            ("5%", 0.05),
            ("1||1", 0.5),
            ("fact(4)/2", 12.0),
            ("SIN(pi/2)", 1.0),
            ("1.5e-3", 0.0015),
            ("sqrt(16) - (1+1)", 2.0),
            ("abs(3+4*i)", 5.0),
            ("2^-1", 0.5),
        ] {
            assert!((value(text) - expected).abs() < 1e-12, "{text} = {}", value(text));
        }
        assert!(value(" ").is_nan());
    }

    #[test]
    fn what_is_no_expression_is_told_apart() {
        for text in ["2x", "1,5", "(1", "1+", "3 4", "**", "sin"] {
            assert!(evaluate(text, &Names::default()).is_err(), "{text}");
        }
        assert_eq!(evaluate(&"(".repeat(100_000), &Names::default()), Err(Trouble::Syntax));
        assert_eq!(evaluate("1+", &Names::default()), Err(Trouble::Syntax));
        assert_eq!(evaluate("x+1", &Names::default()), Err(Trouble::Unknown(vec!["x".into()])));
        assert_eq!(evaluate("fact(-1)", &Names::default()), Err(Trouble::Domain));
    }
}
