//! Tokens to a tree.

use super::token::{Token, tokens};
use super::{ExpressionError, Node, function::Function};

/// Parentheses and signs inside each other.
const DEPTH: usize = 64;

pub(super) fn parse(text: &str) -> Result<Node, ExpressionError> {
    let tokens = tokens(text)?;
    if tokens.is_empty() {
        return Err(ExpressionError::Empty);
    }
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let root = parser.sum()?;
    match parser.peek() {
        None => Ok(root),
        Some(Token::Close) => Err(parser.wrong("nothing is open that this closes")),
        Some(_) => Err(parser.wrong("an operator is missing")),
    }
}

/// Where a sign would stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// At the head of a sum.
    Leading,
    /// Behind an operator.
    Inner,
}

struct Parser<'a> {
    tokens: &'a [(usize, Token)],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn take(&mut self, token: &Token) -> bool {
        let taken = self.peek() == Some(token);
        self.at += usize::from(taken);
        taken
    }

    fn wrong(&self, why: &'static str) -> ExpressionError {
        let at = self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |(at, _)| *at);
        ExpressionError::Syntax { at, why }
    }

    fn deeper<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if self.depth == DEPTH {
            return Err(ExpressionError::TooLarge);
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        let mut terms = vec![(false, self.product(Sign::Leading)?)];
        loop {
            if self.take(&Token::Plus) {
                terms.push((false, self.product(Sign::Inner)?));
            } else if self.take(&Token::Minus) {
                terms.push((true, self.product(Sign::Inner)?));
            } else {
                return Ok(sole(terms).unwrap_or_else(Node::Sum));
            }
        }
    }

    fn product(&mut self, sign: Sign) -> Result<Node, ExpressionError> {
        let mut factors = vec![(false, self.signed(sign)?)];
        loop {
            if self.take(&Token::Times) {
                factors.push((false, self.signed(Sign::Inner)?));
            } else if self.take(&Token::Over) {
                factors.push((true, self.signed(Sign::Inner)?));
            } else {
                return Ok(sole(factors).unwrap_or_else(Node::Product));
            }
        }
    }

    /// A sign binds looser than `||` and `^`: it takes the whole factor.
    fn signed(&mut self, sign: Sign) -> Result<Node, ExpressionError> {
        if let Some(negative) = self.sign() {
            if sign == Sign::Inner {
                self.refuse_doubt(&[Token::Power, Token::Parallel])?;
            }
            let node = self.deeper(|inner| inner.signed(Sign::Inner))?;
            return Ok(if negative { Node::Negative(Box::new(node)) } else { node });
        }
        let mut branches = vec![self.power()?];
        while self.take(&Token::Parallel) {
            branches.push(self.deeper(Self::branch)?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Parallel(branches) })
    }

    /// Behind `||`.
    fn branch(&mut self) -> Result<Node, ExpressionError> {
        match self.sign() {
            None => self.power(),
            Some(negative) => {
                self.refuse_doubt(&[Token::Power])?;
                let node = self.deeper(Self::branch)?;
                Ok(if negative { Node::Negative(Box::new(node)) } else { node })
            }
        }
    }

    /// Whether a sign stands here, and which.
    fn sign(&mut self) -> Option<bool> {
        if self.take(&Token::Minus) {
            Some(true)
        } else if self.take(&Token::Plus) {
            Some(false)
        } else {
            None
        }
    }

    /// Open edX's calculator takes a sign behind an operator into the number, so that `3*-2^2` is 12
    /// there and -12 for everybody else. What a mark hangs on is not guessed.
    fn refuse_doubt(&self, tighter: &[Token]) -> Result<(), ExpressionError> {
        let number = matches!(self.peek(), Some(Token::Number(_)));
        let next = self.tokens.get(self.at + 1).map(|(_, token)| token);
        if number && next.is_some_and(|next| tighter.contains(next)) {
            return Err(self.wrong("a number with its sign needs parentheses here"));
        }
        Ok(())
    }

    fn power(&mut self) -> Result<Node, ExpressionError> {
        let mut tower = vec![self.atom()?];
        while self.take(&Token::Power) {
            tower.push(self.deeper(Self::exponent)?);
        }
        Ok(if tower.len() == 1 { tower.remove(0) } else { Node::Power(tower) })
    }

    /// `2^-x^2` is `2^(-(x^2))`: behind a sign the rest of the tower is one exponent.
    fn exponent(&mut self) -> Result<Node, ExpressionError> {
        let Some(negative) = self.sign() else { return self.atom() };
        self.refuse_doubt(&[Token::Power])?;
        let node = if matches!(self.peek(), Some(Token::Minus | Token::Plus)) {
            self.deeper(Self::exponent)?
        } else {
            self.power()?
        };
        Ok(if negative { Node::Negative(Box::new(node)) } else { node })
    }

    fn atom(&mut self) -> Result<Node, ExpressionError> {
        match self.peek() {
            Some(Token::Number(value)) => {
                self.at += 1;
                Ok(Node::Number(*value))
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                if self.peek() != Some(&Token::Open) {
                    return Ok(Node::Variable(name.clone()));
                }
                let function =
                    Function::named(name).ok_or_else(|| ExpressionError::UnknownFunction(name.clone()))?;
                Ok(Node::Call(function, Box::new(self.parenthesis()?)))
            }
            Some(Token::Open) => self.parenthesis(),
            Some(_) => Err(self.wrong("a value is missing before this")),
            None => Err(self.wrong("a value is missing behind this")),
        }
    }

    fn parenthesis(&mut self) -> Result<Node, ExpressionError> {
        self.at += 1;
        let inner = self.deeper(Self::sum)?;
        if self.take(&Token::Close) { Ok(inner) } else { Err(self.wrong("a closing parenthesis is missing")) }
    }
}

/// The only part, if it is the only one.
fn sole(mut parts: Vec<(bool, Node)>) -> Result<Node, Vec<(bool, Node)>> {
    match parts.pop() {
        Some((false, node)) if parts.is_empty() => Ok(node),
        Some(last) => {
            parts.push(last);
            Err(parts)
        }
        None => Err(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        let cases = [
            ("2x", 1, "an operator is missing"),
            ("2 2", 2, "an operator is missing"),
            ("1,5", 1, "this sign is not known"),
            ("(1+2", 3, "a closing parenthesis is missing"),
            ("1)", 1, "nothing is open that this closes"),
            ("1+", 1, "a value is missing behind this"),
            ("*1", 0, "a value is missing before this"),
            ("()", 1, "a value is missing before this"),
            ("a|b", 1, "this sign is not known"),
            (".", 0, "this is not a number"),
            ("2k", 1, "an operator is missing"),
            ("3*-2^2", 3, "a number with its sign needs parentheses here"),
            ("1+-2||3", 3, "a number with its sign needs parentheses here"),
            ("2^-3^2", 3, "a number with its sign needs parentheses here"),
        ];
        for (text, at, why) in cases {
            assert_eq!(parse(text), Err(ExpressionError::Syntax { at, why }), "{text}");
        }
        assert_eq!(parse("  "), Err(ExpressionError::Empty));
        assert_eq!(parse("f(1)"), Err(ExpressionError::UnknownFunction("f".into())));
    }

    #[test]
    fn monsters_are_refused_or_read_flat() {
        assert_eq!(parse(&"(".repeat(5_000)), Err(ExpressionError::TooLarge));
        assert_eq!(parse(&format!("{}1", "-".repeat(5_000))), Err(ExpressionError::TooLarge));
        assert_eq!(parse(&format!("2{}", "^-x".repeat(2_500))), Err(ExpressionError::TooLarge));
        assert_eq!(parse(&"1+".repeat(6_000)), Err(ExpressionError::TooLarge));
        assert!(parse(&format!("{}1", "1+".repeat(4_000))).is_ok());
        assert!(parse(&format!("{}1", "1^".repeat(4_000))).is_ok());
    }
}
