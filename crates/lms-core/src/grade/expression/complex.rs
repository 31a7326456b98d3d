//! Complex numbers, as far as expressions need them.

use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A complex number.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

impl Complex {
    /// The imaginary unit.
    pub const I: Self = Self { re: 0.0, im: 1.0 };
    pub(super) const ONE: Self = Self { re: 1.0, im: 0.0 };
    pub(super) const NAN: Self = Self { re: f64::NAN, im: f64::NAN };

    /// A complex number.
    pub fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    /// A real number.
    pub fn real(re: f64) -> Self {
        Self { re, im: 0.0 }
    }

    /// Its distance from zero.
    pub fn modulus(self) -> f64 {
        self.re.hypot(self.im)
    }

    /// Whether both parts are finite.
    pub fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    pub(super) fn scale(self, by: f64) -> Self {
        Self::new(self.re * by, self.im * by)
    }

    pub(super) fn conjugate(self) -> Self {
        Self::new(self.re, -self.im)
    }

    pub(super) fn is_zero(self) -> bool {
        self.re == 0.0 && self.im == 0.0
    }

    pub(super) fn is_real(self) -> bool {
        self.im == 0.0
    }

    pub(super) fn recip(self) -> Self {
        Self::ONE / self
    }

    /// The principal root.
    pub(super) fn sqrt(self) -> Self {
        if self.is_real() {
            return if self.re >= 0.0 {
                Self::real(self.re.sqrt())
            } else {
                Self::new(0.0, (-self.re).sqrt())
            };
        }
        let modulus = self.modulus();
        let im = ((modulus - self.re) / 2.0).max(0.0).sqrt().copysign(self.im);
        Self::new(((modulus + self.re) / 2.0).max(0.0).sqrt(), im)
    }

    pub(super) fn exp(self) -> Self {
        let size = self.re.exp();
        if self.is_real() { Self::real(size) } else { Self::new(size * self.im.cos(), size * self.im.sin()) }
    }

    /// The principal logarithm.
    pub(super) fn ln(self) -> Self {
        // a negative zero would turn the branch: ln(10*-0.5)
        let im = if self.im == 0.0 { 0.0 } else { self.im };
        Self::new(self.modulus().ln(), im.atan2(self.re))
    }

    /// Real numbers stay exact where they can: `(-2)^3` is −8, not nearly.
    pub(super) fn power(self, exponent: Self) -> Self {
        if exponent.is_zero() {
            return Self::ONE;
        }
        if self.is_zero() {
            return if exponent.re > 0.0 { Self::default() } else { Self::NAN };
        }
        if self.is_real() && exponent.is_real() && (self.re > 0.0 || exponent.re.fract() == 0.0) {
            return Self::real(self.re.powf(exponent.re));
        }
        if exponent.is_real() && exponent.re.fract() == 0.0 && exponent.re.abs() <= 64.0 {
            let mut result = Self::ONE;
            for _ in 0..exponent.re.abs() as u32 {
                result = result * self;
            }
            return if exponent.re < 0.0 { result.recip() } else { result };
        }
        (self.ln() * exponent).exp()
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl Sub for Complex {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        // a negative zero would turn the branch of a root: sqrt(-(1))
        Self::new(-self.re, if self.im == 0.0 { 0.0 } else { -self.im })
    }
}

impl Mul for Complex {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        if other.is_real() {
            return self.scale(other.re);
        }
        if self.is_real() {
            return other.scale(self.re);
        }
        Self::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }
}

impl Div for Complex {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if other.is_real() {
            return Self::new(self.re / other.re, if self.im == 0.0 { 0.0 } else { self.im / other.re });
        }
        // Smith's way: no overflow on the way to a value that fits
        if other.re.abs() >= other.im.abs() {
            let ratio = other.im / other.re;
            let size = other.re + other.im * ratio;
            Self::new((self.re + self.im * ratio) / size, (self.im - self.re * ratio) / size)
        } else {
            let ratio = other.re / other.im;
            let size = other.re * ratio + other.im;
            Self::new((self.re * ratio + self.im) / size, (self.im * ratio - self.re) / size)
        }
    }
}

impl fmt::Display for Complex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_real() { write!(f, "{}", self.re) } else { write!(f, "{}{:+}i", self.re, self.im) }
    }
}
