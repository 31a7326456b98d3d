//! An expression cut into tokens.

use super::{Expression, ExpressionError};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Name(String),
    Plus,
    Minus,
    Times,
    Over,
    Power,
    Parallel,
    Open,
    Close,
}

/// The tokens and where each begins.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > Expression::MAX_LENGTH {
        return Err(ExpressionError::TooLarge);
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        let (token, length) = match c {
            _ if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '+' => (Token::Plus, 1),
            '-' | '\u{2212}' => (Token::Minus, 1),
            '*' if next == Some('*') => (Token::Power, 2),
            '*' => (Token::Times, 1),
            '/' => (Token::Over, 1),
            '^' => (Token::Power, 1),
            '|' if next == Some('|') => (Token::Parallel, 2),
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '.' | '0'..='9' => number(chars.get(at..).unwrap_or_default())
                .ok_or(ExpressionError::Syntax { at, why: "this is not a number" })?,
            _ if c.is_alphabetic() || c == '_' => name(chars.get(at..).unwrap_or_default()),
            _ => return Err(ExpressionError::Syntax { at, why: "this sign is not known" }),
        };
        tokens.push((at, token));
        at += length;
    }
    Ok(tokens)
}

/// Digits, point, exponent, percent sign; the value and the length.
fn number(chars: &[char]) -> Option<(Token, usize)> {
    let digits = |from: usize| chars.iter().skip(from).take_while(|c| c.is_ascii_digit()).count();
    let at = |index: usize| chars.get(index).copied();
    let mut end = digits(0);
    let mut count = end;
    if at(end) == Some('.') {
        let fraction = digits(end + 1);
        end += 1 + fraction;
        count += fraction;
    }
    if count == 0 {
        return None;
    }
    if matches!(at(end), Some('e' | 'E')) {
        let sign = usize::from(matches!(at(end + 1), Some('+' | '-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let value: f64 = chars.get(..end)?.iter().collect::<String>().parse().ok()?;
    if at(end) == Some('%') {
        return Some((Token::Number(value / 100.0), end + 1));
    }
    Some((Token::Number(value), end))
}

fn name(chars: &[char]) -> (Token, usize) {
    let letters = chars.iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
    let primes = chars.iter().skip(letters).take_while(|c| **c == '\'').count();
    (Token::Name(chars.iter().take(letters + primes).collect()), letters + primes)
}
