//! The functions an expression may call.

use super::Complex;

/// One of the six trigonometric functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trig {
    Sin,
    Cos,
    Tan,
    Sec,
    Csc,
    Cot,
}

/// A function of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Trig { of: Trig, inverse: bool, hyperbolic: bool },
    Sqrt,
    Exp,
    Ln,
    Log2,
    Log10,
    Abs,
    Re,
    Im,
    Conj,
    Factorial,
}

impl Function {
    /// The function of this name; case does not count.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let kind = match name.as_str() {
            "sqrt" => Kind::Sqrt,
            "exp" => Kind::Exp,
            "ln" | "log" => Kind::Ln,
            "log2" => Kind::Log2,
            "log10" => Kind::Log10,
            "abs" => Kind::Abs,
            "re" => Kind::Re,
            "im" => Kind::Im,
            "conj" => Kind::Conj,
            "fact" | "factorial" => Kind::Factorial,
            _ => trigonometric(&name)?,
        };
        Some(Self(kind))
    }

    pub(super) fn apply(self, z: Complex) -> Complex {
        match self.0 {
            Kind::Trig { of, inverse, hyperbolic } => match (inverse, hyperbolic) {
                (false, false) => forward(of, sin, cos, z),
                (false, true) => forward(of, sinh, cosh, z),
                (true, false) => inverse_of(of, arcsin, arccos, arctan, z),
                (true, true) => inverse_of(of, arcsinh, arccosh, arctanh, z),
            },
            Kind::Sqrt => z.sqrt(),
            Kind::Exp => z.exp(),
            Kind::Ln => z.ln(),
            Kind::Log2 => z.ln().scale(std::f64::consts::LN_2.recip()),
            Kind::Log10 => z.ln().scale(std::f64::consts::LN_10.recip()),
            Kind::Abs => Complex::real(z.modulus()),
            Kind::Re => Complex::real(z.re),
            Kind::Im => Complex::real(z.im),
            Kind::Conj => z.conjugate(),
            Kind::Factorial => factorial(z),
        }
    }
}

fn trigonometric(name: &str) -> Option<Kind> {
    let (inverse, rest) = match name.strip_prefix("arc").or(name.strip_prefix('a')) {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let (hyperbolic, rest) = match rest.strip_suffix('h') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let of = match rest {
        "sin" => Trig::Sin,
        "cos" => Trig::Cos,
        "tan" => Trig::Tan,
        "sec" => Trig::Sec,
        "csc" => Trig::Csc,
        "cot" => Trig::Cot,
        _ => return None,
    };
    Some(Kind::Trig { of, inverse, hyperbolic })
}

type Map = fn(Complex) -> Complex;

fn forward(of: Trig, sin: Map, cos: Map, z: Complex) -> Complex {
    match of {
        Trig::Sin => sin(z),
        Trig::Cos => cos(z),
        Trig::Tan => sin(z) / cos(z),
        Trig::Sec => cos(z).recip(),
        Trig::Csc => sin(z).recip(),
        Trig::Cot => cos(z) / sin(z),
    }
}

fn inverse_of(of: Trig, sin: Map, cos: Map, tan: Map, z: Complex) -> Complex {
    match of {
        Trig::Sin => sin(z),
        Trig::Cos => cos(z),
        Trig::Tan => tan(z),
        Trig::Sec => cos(z.recip()),
        Trig::Csc => sin(z.recip()),
        Trig::Cot => tan(z.recip()),
    }
}

fn sin(z: Complex) -> Complex {
    if z.is_real() {
        return Complex::real(z.re.sin());
    }
    Complex::new(z.re.sin() * z.im.cosh(), z.re.cos() * z.im.sinh())
}

fn cos(z: Complex) -> Complex {
    if z.is_real() {
        return Complex::real(z.re.cos());
    }
    Complex::new(z.re.cos() * z.im.cosh(), -z.re.sin() * z.im.sinh())
}

fn sinh(z: Complex) -> Complex {
    if z.is_real() {
        return Complex::real(z.re.sinh());
    }
    Complex::new(z.re.sinh() * z.im.cos(), z.re.cosh() * z.im.sin())
}

fn cosh(z: Complex) -> Complex {
    if z.is_real() {
        return Complex::real(z.re.cosh());
    }
    Complex::new(z.re.cosh() * z.im.cos(), z.re.sinh() * z.im.sin())
}

fn arcsin(z: Complex) -> Complex {
    if z.is_real() && z.re.abs() <= 1.0 {
        return Complex::real(z.re.asin());
    }
    if z.is_real() {
        // beyond the ends, the side that NumPy and so Open edX takes; SymPy takes the other
        return Complex::new(std::f64::consts::FRAC_PI_2.copysign(z.re), z.re.abs().acosh());
    }
    // -i asinh(iz)
    -Complex::I * arcsinh(Complex::I * z)
}

fn arccos(z: Complex) -> Complex {
    if z.is_real() && z.re.abs() <= 1.0 {
        return Complex::real(z.re.acos());
    }
    Complex::real(std::f64::consts::FRAC_PI_2) - arcsin(z)
}

fn arctan(z: Complex) -> Complex {
    if z.is_real() {
        return Complex::real(z.re.atan());
    }
    -Complex::I * arctanh(Complex::I * z)
}

fn arcsinh(z: Complex) -> Complex {
    if z.is_real() {
        return Complex::real(z.re.asinh());
    }
    (z + (z * z + Complex::ONE).sqrt()).ln()
}

fn arccosh(z: Complex) -> Complex {
    if z.is_real() && z.re >= 1.0 {
        return Complex::real(z.re.acosh());
    }
    (z + (z + Complex::ONE).sqrt() * (z - Complex::ONE).sqrt()).ln()
}

fn arctanh(z: Complex) -> Complex {
    if z.is_real() && z.re.abs() < 1.0 {
        return Complex::real(z.re.atanh());
    }
    if z.is_real() {
        // on the cut both NumPy and SymPy take the upper side
        let half = ((1.0 + z.re).abs().ln() - (1.0 - z.re).abs().ln()) / 2.0;
        return Complex::new(half, std::f64::consts::FRAC_PI_2);
    }
    ((Complex::ONE + z).ln() - (Complex::ONE - z).ln()).scale(0.5)
}

/// Of whole numbers only, as on Open edX; beyond 170 it does not fit.
fn factorial(z: Complex) -> Complex {
    if !z.is_real() || z.re.fract() != 0.0 || !(0.0..=170.0).contains(&z.re) {
        return Complex::NAN;
    }
    Complex::real((1..=z.re as u32).map(f64::from).product())
}
