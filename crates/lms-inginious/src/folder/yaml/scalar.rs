//! What an unquoted scalar means in YAML 1.1.

use super::Data;

/// Resolves an unquoted scalar as PyYAML's safe loader does.
pub(super) fn resolve(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Data::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Data::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return Data::Bool(false),
        _ => {}
    }
    if let Some(n) = integer(text) {
        return Data::Int(n);
    }
    if let Some(x) = float(text) {
        return Data::Float(x);
    }
    if is_date(text) {
        return Data::Date(text.into());
    }
    Data::Str(text.into())
}

fn split_sign(text: &str) -> (i64, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn all(text: &str, ok: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(ok)
}

fn integer(text: &str) -> Option<i64> {
    let (sign, body) = split_sign(text);
    let digits = |b: u8| b.is_ascii_digit() || b == b'_';
    let radix = |digits: &str, radix| i64::from_str_radix(&digits.replace('_', ""), radix).ok();
    let value = if let Some(bits) = body.strip_prefix("0b") {
        all(bits, |b| matches!(b, b'0' | b'1' | b'_')).then(|| radix(bits, 2))??
    } else if let Some(hex) = body.strip_prefix("0x") {
        all(hex, |b| b.is_ascii_hexdigit() || b == b'_').then(|| radix(hex, 16))??
    } else if body == "0" {
        0
    } else if let Some(octal) = body.strip_prefix('0') {
        all(octal, |b| matches!(b, b'0'..=b'7' | b'_')).then(|| radix(octal, 8))??
    } else if body.contains(':') {
        sexagesimal(body)?
    } else {
        let first = body.bytes().next()?;
        (first.is_ascii_digit() && all(body, digits)).then(|| radix(body, 10))??
    };
    value.checked_mul(sign)
}

/// `1:30` is 90: clock times without seconds are numbers in YAML 1.1.
fn sexagesimal(body: &str) -> Option<i64> {
    let mut parts = body.split(':');
    let first = parts.next()?;
    if !first.starts_with(|c: char| ('1'..='9').contains(&c)) {
        return None;
    }
    let mut value: i64 = first.replace('_', "").parse().ok()?;
    for part in parts {
        if part.is_empty() || part.len() > 2 || !all(part, |b| b.is_ascii_digit()) {
            return None;
        }
        let n: i64 = part.parse().ok().filter(|n| *n < 60)?;
        value = value.checked_mul(60)?.checked_add(n)?;
    }
    Some(value)
}

fn float(text: &str) -> Option<f64> {
    let (sign, body) = split_sign(text);
    let sign = sign as f64;
    match body {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        _ if matches!(text, ".nan" | ".NaN" | ".NAN") => return Some(f64::NAN),
        _ => {}
    }
    let (whole, rest) = body.split_once('.')?;
    let signed = body.len() != text.len();
    if whole.is_empty() {
        // `.5` is a number, `+.5` is not (PyYAML's expression).
        if signed || !rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
    } else if !whole.starts_with(|c: char| c.is_ascii_digit())
        || !whole.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    {
        return None;
    }
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        return None;
    }
    if let Some(exponent) = exponent {
        // `1.0e5` is a text: the sign is required.
        let digits = exponent.strip_prefix(['+', '-'])?;
        if !all(digits, |b| b.is_ascii_digit()) {
            return None;
        }
    }
    let plain = body.replace('_', "");
    let plain = if plain.starts_with('.') { format!("0{plain}") } else { plain };
    plain.parse::<f64>().ok().map(|x| sign * x)
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    if !(digits(0..4) && bytes.get(4) == Some(&b'-')) {
        return false;
    }
    if bytes.len() == 10 {
        return digits(5..7) && bytes[7] == b'-' && digits(8..10);
    }
    // A date and a time to the second: `2014-5-1 10:11:12`, with fraction and zone.
    let Some(at) = text.find(['T', 't', ' ', '\t']) else { return false };
    let date: Vec<&str> = text[..at].split('-').collect();
    let time = text[at + 1..].trim_start();
    let clock_end = time.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(time.len());
    let clock: Vec<&str> = time[..clock_end].split(':').collect();
    let short = |part: &&str| (1..=2).contains(&part.len()) && all(part, |b| b.is_ascii_digit());
    let zone = time[clock_end..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit()).trim_start();
    date.len() == 3
        && date[1..].iter().all(short)
        && clock.len() == 3
        && clock.iter().all(short)
        && (zone.is_empty() || zone == "Z" || zone.starts_with(['+', '-']))
}

/// Python's `repr` of a float.
pub(super) fn python_float(x: f64) -> String {
    if x.is_nan() {
        return "nan".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let magnitude = x.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{x:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = match exponent.strip_prefix('-') {
            Some(digits) => ('-', digits),
            None => ('+', exponent),
        };
        return format!("{mantissa}e{sign}{digits:0>2}");
    }
    format!("{x:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_those_of_yaml_1_1() {
        for (text, data) in [
            ("yes", Data::Bool(true)),
            ("Off", Data::Bool(false)),
            ("y", Data::Str("y".into())),
            ("010", Data::Int(8)),
            ("042", Data::Int(34)),
            ("089", Data::Str("089".into())),
            ("1:30", Data::Int(90)),
            ("0x1F", Data::Int(31)),
            ("-12", Data::Int(-12)),
            ("1_000", Data::Int(1000)),
            ("1.0", Data::Float(1.0)),
            ("1e3", Data::Str("1e3".into())),
            ("1.0e+3", Data::Float(1000.0)),
            ("1.0e3", Data::Str("1.0e3".into())),
            ("2014-05-10", Data::Date("2014-05-10".into())),
            ("2014-05-10 10:11:12", Data::Date("2014-05-10 10:11:12".into())),
            ("2014-05-10 10:11:12/2014-06-10", Data::Str("2014-05-10 10:11:12/2014-06-10".into())),
            ("", Data::Null),
            ("~", Data::Null),
            ("1.2.3", Data::Str("1.2.3".into())),
            ("-", Data::Str("-".into())),
            ("+", Data::Str("+".into())),
            (".", Data::Str(".".into())),
        ] {
            assert_eq!(resolve(text), data, "{text:?}");
        }
    }

    #[test]
    fn floats_are_spelled_as_python_does() {
        for (x, text) in
            [(1.0, "1.0"), (0.1, "0.1"), (1e16, "1e+16"), (1.5e-7, "1.5e-07"), (123456.0, "123456.0")]
        {
            assert_eq!(python_float(x), text);
        }
    }
}
