//! Keys of texts and numbers, as a response of capa can hold them.

use lms_core::grade::expression::spelled_for_open_edx;
use lms_core::{NumberAccept, SampledVariable, TextAccept, TextRule, Tolerance};

use crate::olx::capa::{decimal, pattern, plain, plain_percent};

/// What a `stringresponse` takes exactly as these do: plain texts, or one pattern.
pub(super) fn texts(accept: &[TextAccept]) -> Vec<TextAccept> {
    let mut plain_texts: Vec<TextAccept> = Vec::new();
    for accept in accept.iter().filter(|a| !a.text.trim().is_empty() || a.rule != TextRule::Exact) {
        let text = if accept.rule == TextRule::Exact { accept.text.trim() } else { accept.text.as_str() };
        let accept = TextAccept { text: text.to_owned(), ..accept.clone() };
        if !plain_texts.contains(&accept) {
            plain_texts.push(accept);
        }
    }
    if plain_texts.is_empty() {
        return vec![one_pattern("(?!)".into())];
    }
    if plain(&plain_texts) {
        return plain_texts;
    }
    vec![one_pattern(pattern(&plain_texts))]
}

/// Any text at all.
pub(super) fn any_text() -> Vec<TextAccept> {
    vec![one_pattern("[\\s\\S]+".into())]
}

fn one_pattern(text: String) -> TextAccept {
    TextAccept { text, rule: TextRule::Regex, case_sensitive: true }
}

/// What a `numericalresponse` can hold of these.
pub(super) struct Numbers {
    pub(super) accept: Vec<NumberAccept>,
    /// Some numbers lost their tolerance.
    pub(super) narrowed: bool,
}

/// One number with a tolerance or one range, then numbers that must be met exactly; `None` where one
/// of them is no decimal number.
pub(super) fn numbers(accept: &[NumberAccept]) -> Option<Numbers> {
    let mut accept: Vec<NumberAccept> = accept.iter().map(settled).collect::<Option<_>>()?;
    let exact = |a: &NumberAccept| matches!(a, NumberAccept::Value { tolerance, .. } if *tolerance == Tolerance::none());
    if let Some(at) = accept.iter().position(|a| !exact(a)) {
        accept[..=at].rotate_right(1);
    }
    let mut narrowed = false;
    let (first, more) = accept.split_first()?;
    let mut all = vec![first.clone()];
    for accept in more {
        match accept {
            NumberAccept::Value { value, tolerance } => {
                narrowed |= *tolerance != Tolerance::none();
                all.push(NumberAccept::Value { value: value.clone(), tolerance: Tolerance::none() });
            }
            NumberAccept::Range { .. } => narrowed = true,
        }
    }
    Some(Numbers { accept: all, narrowed })
}

fn settled(accept: &NumberAccept) -> Option<NumberAccept> {
    Some(match accept {
        NumberAccept::Value { value, tolerance } => {
            NumberAccept::Value { value: decimal(value)?, tolerance: settled_tolerance(tolerance)? }
        }
        NumberAccept::Range { low, high, includes_low, includes_high } => {
            let (low, high) = (decimal(low)?, decimal(high)?);
            // Capa would take the bounds of an empty range, and of a range of one number looks at the lower bound only.
            let width = high.parse::<f64>().ok()? - low.parse::<f64>().ok()?;
            if width < 0.0 {
                return None;
            }
            let both = width > 0.0 || *includes_low && *includes_high;
            NumberAccept::Range {
                low,
                high,
                includes_low: *includes_low && both,
                includes_high: *includes_high && both,
            }
        }
    })
}

/// A tolerance as reading it back gives it.
pub(super) fn settled_tolerance(tolerance: &Tolerance) -> Option<Tolerance> {
    let by = match tolerance {
        Tolerance::Absolute { by } | Tolerance::Percent { by } => {
            decimal(by).filter(|by| !by.starts_with('-'))?
        }
    };
    let nothing = by.parse() == Ok(0.0_f64);
    Some(match tolerance {
        _ if nothing => Tolerance::none(),
        Tolerance::Absolute { .. } => Tolerance::Absolute { by },
        Tolerance::Percent { .. } => Tolerance::Percent { by: plain_percent(&by) },
    })
}

/// A right answer as Open edX can read it: one that it cannot read makes every answer wrong.
pub(super) fn formula(answer: &str, variables: &[SampledVariable], case_sensitive: bool) -> Option<String> {
    let is_variable = |name: &str| {
        variables.iter().any(|known| match case_sensitive {
            true => known.name == name,
            false => known.name.to_lowercase() == name.to_lowercase(),
        })
    };
    spelled_for_open_edx(answer, &is_variable, case_sensitive).ok()?
}

/// Variables as `samples` can name them; `None` where a name or a bound cannot stand there.
pub(super) fn variables(variables: &[SampledVariable]) -> Option<Vec<SampledVariable>> {
    let fits = |v: &SampledVariable| {
        let mut chars = v.name.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic())
            && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '\''))
            && v.low.is_finite()
            && v.high.is_finite()
    };
    if !variables.iter().all(fits) {
        return None;
    }
    if variables.is_empty() {
        // `samples` must name one; the expression need not use it.
        return Some(vec![SampledVariable { name: "x".into(), low: 1.0, high: 2.0 }]);
    }
    Some(variables.to_vec())
}
