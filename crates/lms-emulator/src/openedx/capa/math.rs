//! Complex numbers, as far as the calculator of capa needs them.

use std::f64::consts::{LN_2, LN_10};

/// `re + im·i`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Complex {
    pub(super) re: f64,
    pub(super) im: f64,
}

pub(super) const I: Complex = Complex { re: 0.0, im: 1.0 };
pub(super) const ONE: Complex = Complex { re: 1.0, im: 0.0 };

pub(super) fn real(re: f64) -> Complex {
    Complex { re, im: 0.0 }
}

impl Complex {
    pub(super) fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }

    pub(super) fn sub(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }

    pub(super) fn mul(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    pub(super) fn div(self, other: Self) -> Self {
        if other.im == 0.0 {
            return Self { re: self.re / other.re, im: self.im / other.re };
        }
        let norm = other.re * other.re + other.im * other.im;
        let top = self.mul(Self { re: other.re, im: -other.im });
        Self { re: top.re / norm, im: top.im / norm }
    }

    pub(super) fn neg(self) -> Self {
        Self { re: -self.re, im: -self.im }
    }

    pub(super) fn abs(self) -> f64 {
        self.re.hypot(self.im)
    }

    pub(super) fn ln(self) -> Self {
        Self { re: self.abs().ln(), im: self.im.atan2(self.re) }
    }

    pub(super) fn exp(self) -> Self {
        if self.im == 0.0 {
            return real(self.re.exp());
        }
        let size = self.re.exp();
        Self { re: size * self.im.cos(), im: size * self.im.sin() }
    }

    pub(super) fn pow(self, power: Self) -> Self {
        if self.im == 0.0 && power.im == 0.0 && (self.re >= 0.0 || power.re.fract() == 0.0) {
            return real(self.re.powf(power.re));
        }
        if self.abs() == 0.0 {
            return real(0.0);
        }
        self.ln().mul(power).exp()
    }

    pub(super) fn sqrt(self) -> Self {
        if self.im == 0.0 && self.re >= 0.0 {
            return real(self.re.sqrt());
        }
        self.pow(real(0.5))
    }
}

/// A function by its name in lower case; `None` when there is no such function or no such value.
pub(super) fn call(name: &str, x: Complex) -> Option<Complex> {
    let half = real(0.5);
    let sin = |x: Complex| {
        let ix = I.mul(x);
        if x.im == 0.0 { real(x.re.sin()) } else { ix.exp().sub(ix.neg().exp()).div(real(2.0).mul(I)) }
    };
    let cos = |x: Complex| {
        let ix = I.mul(x);
        if x.im == 0.0 { real(x.re.cos()) } else { ix.exp().add(ix.neg().exp()).mul(half) }
    };
    let sinh = |x: Complex| x.exp().sub(x.neg().exp()).mul(half);
    let cosh = |x: Complex| x.exp().add(x.neg().exp()).mul(half);
    let arcsin = |x: Complex| {
        let root = ONE.sub(x.mul(x)).sqrt();
        if x.im == 0.0 && x.re.abs() <= 1.0 {
            real(x.re.asin())
        } else {
            I.neg().mul(I.mul(x).add(root).ln())
        }
    };
    let arccos = |x: Complex| real(std::f64::consts::FRAC_PI_2).sub(arcsin(x));
    let arctan = |x: Complex| match x.im == 0.0 {
        true => real(x.re.atan()),
        false => I.mul(half).mul(ONE.sub(I.mul(x)).ln().sub(ONE.add(I.mul(x)).ln())),
    };
    let arcsinh = |x: Complex| x.add(x.mul(x).add(ONE).sqrt()).ln();
    let arccosh = |x: Complex| x.add(x.add(ONE).sqrt().mul(x.sub(ONE).sqrt())).ln();
    let arctanh = |x: Complex| half.mul(ONE.add(x).ln().sub(ONE.sub(x).ln()));
    let over = |x: Complex| ONE.div(x);
    Some(match name {
        "sin" => sin(x),
        "cos" => cos(x),
        "tan" => sin(x).div(cos(x)),
        "sec" => over(cos(x)),
        "csc" => over(sin(x)),
        "cot" => cos(x).div(sin(x)),
        "sqrt" => x.sqrt(),
        "ln" => x.ln(),
        "log10" => x.ln().div(real(LN_10)),
        "log2" => x.ln().div(real(LN_2)),
        "exp" => x.exp(),
        "abs" => real(x.abs()),
        "re" => real(x.re),
        "im" => real(x.im),
        "conj" => Complex { im: -x.im, ..x },
        "fact" | "factorial" => real(factorial(x)?),
        "sinh" => sinh(x),
        "cosh" => cosh(x),
        "tanh" => sinh(x).div(cosh(x)),
        "sech" => over(cosh(x)),
        "csch" => over(sinh(x)),
        "coth" => cosh(x).div(sinh(x)),
        "arcsin" => arcsin(x),
        "arccos" => arccos(x),
        "arctan" => arctan(x),
        "arcsec" => arccos(over(x)),
        "arccsc" => arcsin(over(x)),
        "arccot" => arctan(over(x)),
        "arcsinh" => arcsinh(x),
        "arccosh" => arccosh(x),
        "arctanh" => arctanh(x),
        "arcsech" => arccosh(over(x)),
        "arccsch" => arcsinh(over(x)),
        "arccoth" => arctanh(over(x)),
        _ => return None,
    })
}

pub(super) fn is_function(name: &str) -> bool {
    call(name, ONE).is_some()
}

fn factorial(x: Complex) -> Option<f64> {
    if x.im != 0.0 || x.re < 0.0 || x.re.fract() != 0.0 || x.re > 170.0 {
        return None;
    }
    Some((1..=x.re as u32).map(f64::from).product())
}
