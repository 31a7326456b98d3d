//! Numbers as capa reads them in keys.

use lms_core::Tolerance;

/// A number in plain decimal notation, as capa takes it; `None` for expressions and variables.
pub(crate) fn decimal(text: &str) -> Option<String> {
    let text = text.trim();
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let dots = mantissa.bytes().filter(|b| *b == b'.').count();
    if digits == 0 || dots > 1 || digits + dots != mantissa.len() {
        return None;
    }
    if let Some(exponent) = exponent {
        let number = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    text.parse::<f64>().ok().filter(|n| n.is_finite())?;
    Some(text.strip_prefix('+').unwrap_or(text).to_owned())
}

/// The tolerance of a `<responseparam>`; absent means 0.001 %.
pub(super) fn tolerance(raw: Option<&str>) -> Option<Tolerance> {
    let raw = raw.unwrap_or("0.001%").trim();
    match raw.strip_suffix('%') {
        Some(percent) => decimal(percent)
            .filter(|n| !n.starts_with('-'))
            .map(|by| Tolerance::Percent { by: plain_percent(&by) }),
        None => decimal(raw).filter(|n| !n.starts_with('-')).map(|by| Tolerance::Absolute { by }),
    }
}

/// A percentage without needless zeros at its end. `0.0010` is written for `0.001`: the literal text
/// `0.001%` is the only one that capa takes of the larger of both numbers instead of the right one.
pub(crate) fn plain_percent(by: &str) -> String {
    if by.contains('.') && !by.contains(['e', 'E']) {
        by.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        by.to_owned()
    }
}

/// How capa is told a tolerance.
pub(super) fn tolerance_text(tolerance: &Tolerance) -> String {
    match tolerance {
        Tolerance::Absolute { by } => by.clone(),
        Tolerance::Percent { by } if by == "0.001" => "0.0010%".into(),
        Tolerance::Percent { by } => format!("{by}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_are_numbers() {
        for text in ["1", "-1.5", ".5", "5.", "1e-6", "+2"] {
            assert!(decimal(text).is_some(), "{text}");
        }
        for text in ["", "1/2", "$x", "2k", "pi", "1,5", "e5", "1e", "--1", "1e999", "5%"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn tolerances_come_back() {
        for (raw, tolerance_) in [
            (None, Tolerance::Percent { by: "0.001".into() }),
            (Some("5%"), Tolerance::Percent { by: "5".into() }),
            (Some("0.02"), Tolerance::Absolute { by: "0.02".into() }),
        ] {
            let read = tolerance(raw).expect("a tolerance");
            assert_eq!(read, tolerance_);
            assert_eq!(tolerance(Some(&tolerance_text(&read))), Some(read));
        }
        // The text that capa takes of the larger of both numbers is not written.
        assert_eq!(tolerance_text(&Tolerance::Percent { by: "0.001".into() }), "0.0010%");
        assert_eq!(tolerance(Some("1+1")), None);
        assert_eq!(tolerance(Some("-1")), None);
    }
}
