//! Parsing and evaluating the formulas of math steps, with complex numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A complex number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Complex {
    pub(super) re: f64,
    pub(super) im: f64,
}

const I: Complex = Complex { re: 0.0, im: 1.0 };

impl Complex {
    fn real(re: f64) -> Self {
        Self { re, im: 0.0 }
    }

    pub(super) fn abs(self) -> f64 {
        self.re.hypot(self.im)
    }

    fn exp(self) -> Self {
        let size = self.re.exp();
        Self { re: size * self.im.cos(), im: size * self.im.sin() }
    }

    fn ln(self) -> Self {
        Self { re: self.abs().ln(), im: self.im.atan2(self.re) }
    }

    fn sqrt(self) -> Self {
        if self.abs() == 0.0 { self } else { (self.ln() * Self::real(0.5)).exp() }
    }

    fn pow(self, exponent: Self) -> Self {
        if exponent.im == 0.0 && exponent.re.fract() == 0.0 && exponent.re.abs() <= 64.0 {
            let product = (0..exponent.re.abs() as i32).fold(Self::real(1.0), |product, _| product * self);
            return if exponent.re < 0.0 { Self::real(1.0) / product } else { product };
        }
        if self.abs() == 0.0 { Self::real(0.0) } else { (self.ln() * exponent).exp() }
    }

    fn sinh(self) -> Self {
        (self.exp() - (-self).exp()) / Self::real(2.0)
    }

    fn cosh(self) -> Self {
        (self.exp() + (-self).exp()) / Self::real(2.0)
    }

    fn sin(self) -> Self {
        (self * I).sinh() / I
    }

    fn cos(self) -> Self {
        (self * I).cosh()
    }

    fn asin(self) -> Self {
        -I * (I * self + (Self::real(1.0) - self * self).sqrt()).ln()
    }

    fn atan(self) -> Self {
        let half_i = I / Self::real(2.0);
        half_i * ((Self::real(1.0) - I * self).ln() - (Self::real(1.0) + I * self).ln())
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

impl Div for Complex {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let size = other.re * other.re + other.im * other.im;
        let turned = self * Self { re: other.re, im: -other.im };
        Self { re: turned.re / size, im: turned.im / size }
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Self { re: -self.re, im: -self.im }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Number(f64),
    Name(String),
    Negative(Box<Expression>),
    Binary(char, Box<Expression>, Box<Expression>),
    Call(String, Vec<Expression>),
}

/// One expression, or two with a sign of comparison between them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relation {
    pub(super) left: Expression,
    pub(super) sign: &'static str,
    pub(super) right: Option<Expression>,
}

impl Relation {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        for sign in ["<=", ">=", "==", "<", ">", "="] {
            if let Some((left, right)) = text.split_once(sign) {
                let sign = if sign == "==" { "=" } else { sign };
                return Ok(Self {
                    left: Expression::parse(left)?,
                    sign,
                    right: Some(Expression::parse(right)?),
                });
            }
        }
        Ok(Self { left: Expression::parse(text)?, sign: "", right: None })
    }

    /// The same statement with its sides exchanged.
    pub(super) fn reversed(&self) -> Option<Self> {
        let sign = match self.sign {
            "<=" => ">=",
            ">=" => "<=",
            "<" => ">",
            ">" => "<",
            other => other,
        };
        Some(Self { left: self.right.clone()?, sign, right: Some(self.left.clone()) })
    }
}

/// Deeper nesting than any answer needs is refused, so that no input can exhaust the stack.
const DEEPEST: usize = 100;
/// In bytes; a long sum is nested as deeply as it has terms.
const LONGEST: usize = 2000;

impl Expression {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err("the expression is too long".to_owned());
        }
        let text = text.replace("**", "^");
        let mut parser = Parser { rest: text.trim(), depth: 0 };
        let expression = parser.sum()?;
        if parser.rest.is_empty() { Ok(expression) } else { Err(format!("unexpected `{}`", parser.rest)) }
    }

    pub(super) fn variables(&self) -> BTreeSet<String> {
        match self {
            Self::Number(_) => BTreeSet::new(),
            Self::Name(name) if constant(name).is_some() => BTreeSet::new(),
            Self::Name(name) => BTreeSet::from([name.clone()]),
            Self::Negative(inner) => inner.variables(),
            Self::Binary(_, left, right) => left.variables().into_iter().chain(right.variables()).collect(),
            Self::Call(_, arguments) => arguments.iter().flat_map(Self::variables).collect(),
        }
    }

    /// The value at a point; `None` where it is not defined.
    pub(super) fn value(&self, point: &BTreeMap<String, Complex>) -> Option<Complex> {
        let value = match self {
            Self::Number(number) => Complex::real(*number),
            Self::Name(name) => constant(name).or_else(|| point.get(name).copied())?,
            Self::Negative(inner) => -inner.value(point)?,
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.value(point)?, right.value(point)?);
                match operator {
                    '+' => left + right,
                    '-' => left - right,
                    '*' => left * right,
                    '/' => left / right,
                    _ => left.pow(right),
                }
            }
            Self::Call(name, arguments) => {
                let values: Option<Vec<Complex>> =
                    arguments.iter().map(|argument| argument.value(point)).collect();
                call(name, &values?)?
            }
        };
        (value.re.is_finite() && value.im.is_finite()).then_some(value)
    }
}

fn constant(name: &str) -> Option<Complex> {
    Some(match name {
        "pi" => Complex::real(std::f64::consts::PI),
        "E" => Complex::real(std::f64::consts::E),
        "I" => I,
        _ => return None,
    })
}

const FUNCTIONS: [&str; 16] = [
    "sin",
    "cos",
    "tan",
    "cot",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "exp",
    "log",
    "ln",
    "sqrt",
    "abs",
    "factorial",
];

fn call(name: &str, arguments: &[Complex]) -> Option<Complex> {
    if let ("log", [z, base]) = (name, arguments) {
        return Some(z.ln() / base.ln());
    }
    let [z] = arguments else { return None };
    Some(match name {
        "sin" => z.sin(),
        "cos" => z.cos(),
        "tan" => z.sin() / z.cos(),
        "cot" => z.cos() / z.sin(),
        "asin" => z.asin(),
        "acos" => Complex::real(std::f64::consts::FRAC_PI_2) - z.asin(),
        "atan" => z.atan(),
        "sinh" => z.sinh(),
        "cosh" => z.cosh(),
        "tanh" => z.sinh() / z.cosh(),
        "exp" => z.exp(),
        "log" | "ln" => z.ln(),
        "sqrt" => z.sqrt(),
        "abs" => Complex::real(z.abs()),
        "factorial" => Complex::real((1..=z.re.round().clamp(0.0, 170.0) as u32).map(f64::from).product()),
        _ => return None,
    })
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let first = self.rest.chars().next().filter(|c| wanted.contains(c))?;
        self.skip(first.len_utf8());
        Some(first)
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default().trim_start();
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let word = self.rest.get(..end).unwrap_or_default();
        self.skip(end);
        word
    }

    fn sum(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("nested too deeply".to_owned());
        }
        let mut left = self.product()?;
        while let Some(operator) = self.take(&['+', '-']) {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.signed()?;
        while let Some(operator) = self.take(&['*', '/']) {
            left = Expression::Binary(operator, Box::new(left), Box::new(self.signed()?));
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("nested too deeply".to_owned());
        }
        let value = match self.take(&['+', '-']) {
            Some('-') => Expression::Negative(Box::new(self.signed()?)),
            Some(_) => self.signed()?,
            None => self.power()?,
        };
        self.depth -= 1;
        Ok(value)
    }

    fn power(&mut self) -> Result<Expression, String> {
        let base = self.atom()?;
        match self.take(&['^']) {
            Some(_) => Ok(Expression::Binary('^', Box::new(base), Box::new(self.signed()?))),
            None => Ok(base),
        }
    }

    fn atom(&mut self) -> Result<Expression, String> {
        if self.take(&['(']).is_some() {
            let inner = self.sum()?;
            return self.take(&[')']).map(|_| inner).ok_or("a `)` is missing".to_owned());
        }
        let first = self.rest.chars().next().ok_or("the expression ends too early")?;
        if first.is_ascii_digit() || first == '.' {
            return self.number();
        }
        if !first.is_alphabetic() {
            return Err(format!("unexpected `{first}`"));
        }
        let name = self.word(|c| c.is_alphanumeric() || c == '_').to_owned();
        if self.take(&['(']).is_none() {
            return Ok(Expression::Name(name));
        }
        if !FUNCTIONS.contains(&name.as_str()) {
            return Err(format!("unknown function `{name}`"));
        }
        let mut arguments = vec![self.sum()?];
        while self.take(&[',']).is_some() {
            arguments.push(self.sum()?);
        }
        self.take(&[')']).map(|_| Expression::Call(name, arguments)).ok_or("a `)` is missing".to_owned())
    }

    fn number(&mut self) -> Result<Expression, String> {
        let digits = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        let mut end = digits;
        if let Some(exponent) = self.rest.get(digits..).and_then(|tail| tail.strip_prefix(['e', 'E'])) {
            let sign = usize::from(exponent.starts_with(['+', '-']));
            let length =
                exponent.get(sign..).map_or(0, |t| t.chars().take_while(char::is_ascii_digit).count());
            if length > 0 {
                end = digits + 1 + sign + length;
            }
        }
        let text = self.rest.get(..end).unwrap_or_default();
        let number = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
        self.skip(end);
        Ok(Expression::Number(number))
    }
}
