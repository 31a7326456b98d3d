//! Mathematical expressions as learners type them, over complex numbers.
//!
//! # Grammar
//! That of Open edX (reference openedx.md 5.10), tightest first:
//!
//! | | |
//! |---|---|
//! | atoms | numbers, names, `f(x)`, parentheses |
//! | `^`, `**` | power, from the right: `2^3^2` is `2^9` |
//! | `\|\|` | parallel resistors: `1/(1/a + 1/b)` |
//! | `*` `/` | |
//! | `+` `-` | a leading sign too, and one behind another operator: `-2^2` is −4, `2*-3` is −6; but `3*-2^2`, on which platforms differ, needs parentheses |
//!
//! * A number has digits, a point, an exponent, and `%` at its end: `5%` is 0.05. There is no comma. Old
//!   releases of Open edX also read `2k`; today's do not, and neither does this.
//! * A name begins with a letter or `_` and goes on with letters, digits, `_`, and `'` at its end.
//! * Nothing is multiplied without a sign: `2x` cannot be read.
//! * `e`, `pi`, `i` and `j` are known unless the caller knows better, and so are the functions
//!   `sin cos tan sec csc cot sqrt log10 log2 ln log exp abs fact factorial re im conj`, with
//!   `arc…` (also `a…`), `…h` and `arc…h` of the trigonometric ones. `log` is natural, as on Stepik.
//!   Case does not count in either.
//!
//! `**`, `log`, the short `a…` forms and a sign before a name behind an operator (`2*-x`) are
//! Stepik's (SymPy); Open edX does not read them. Held against Open edX's own calculator (openedx-calc
//! 4.0), every expression that both read has the same value, but for infinities on the way and the
//! branch cuts of inverse functions at complex arguments.
//!
//! ```
//! use lms_core::grade::expression::{Complex, Expression};
//!
//! let expression = Expression::parse("R_1 || R_2 + 2e3")?;
//! let value = expression.evaluate(&|name| match name {
//!     "R_1" | "R_2" => Some(Complex::real(100.0)),
//!     _ => None,
//! })?;
//! assert_eq!(value, Complex::real(2050.0));
//! # Ok::<(), lms_core::grade::expression::ExpressionError>(())
//! ```

mod complex;
mod evaluate;
mod function;
mod parse;
mod spell;
mod token;

use std::collections::BTreeSet;

pub use complex::Complex;
pub use spell::spelled_for_open_edx;

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// There is nothing in it.
    #[error("the expression is empty")]
    Empty,
    /// It does not follow the grammar; the position counts characters from 0.
    #[error("the expression cannot be read at character {at}: {why}")]
    Syntax {
        /// Where.
        at: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// It is longer or deeper than any honest answer.
    #[error("the expression is too large")]
    TooLarge,
    /// Nobody knows this variable.
    #[error("the variable {0} is unknown")]
    UnknownVariable(String),
    /// Nobody knows this function.
    #[error("the function {0} is unknown")]
    UnknownFunction(String),
}

/// An expression that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    root: Node,
}

/// Chains of one precedence are one node, so that the tree is no deeper than the parentheses.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Variable(String),
    Call(function::Function, Box<Node>),
    Negative(Box<Node>),
    /// Base and exponents, from the left.
    Power(Vec<Node>),
    Parallel(Vec<Node>),
    /// Whether each factor divides.
    Product(Vec<(bool, Node)>),
    /// Whether each term is taken away.
    Sum(Vec<(bool, Node)>),
}

impl Expression {
    /// Characters an expression may have.
    pub const MAX_LENGTH: usize = 10_000;

    /// Reads an expression.
    ///
    /// # Errors
    /// [`ExpressionError::Empty`], [`Syntax`](ExpressionError::Syntax),
    /// [`TooLarge`](ExpressionError::TooLarge), and
    /// [`UnknownFunction`](ExpressionError::UnknownFunction).
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        parse::parse(text).map(|root| Self { root })
    }

    /// Its value. `variable` is asked first, with names as they are written, and the constants
    /// after it. The value may be infinite or not a number, as in `1/0`.
    ///
    /// # Errors
    /// [`ExpressionError::UnknownVariable`].
    pub fn evaluate(&self, variable: &dyn Fn(&str) -> Option<Complex>) -> Result<Complex, ExpressionError> {
        evaluate::evaluate(&self.root, variable)
    }

    /// The names of its variables as they are written, the constants `e`, `pi`, `i`, `j` included.
    pub fn variables(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        evaluate::collect(&self.root, &mut names);
        names
    }
}
