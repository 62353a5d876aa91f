//! Python's numbers: what counts as one, and how floats are spelled.

use minijinja::value::Value;
use minijinja::value::ValueKind;

/// A Python number; a bool counts as an integer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Int(i128),
    Float(f64),
}

impl Number {
    /// `None` for a value that is no number, or an integer beyond 127 bits.
    pub fn of(value: &Value) -> Option<Number> {
        match value.kind() {
            ValueKind::Bool => Some(Number::Int(i128::from(value.is_true()))),
            ValueKind::Number if value.is_integer() => {
                i128::try_from(value.clone()).ok().map(Number::Int)
            }
            ValueKind::Number => f64::try_from(value.clone()).ok().map(Number::Float),
            _ => None,
        }
    }

    pub fn as_f64(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        match number {
            Number::Int(int) => int_value(int),
            Number::Float(float) => Value::from(float),
        }
    }
}

/// An integer in the smallest of the engine's shapes, so that equal numbers are equal keys.
pub fn int_value(int: i128) -> Value {
    match i64::try_from(int) {
        Ok(small) => Value::from(small),
        Err(_) => Value::from(int),
    }
}

/// An integer argument: an int or a bool, `None` for everything else (a float too, as in Python).
pub fn as_int(value: &Value) -> Option<i64> {
    match Number::of(value)? {
        Number::Int(int) => i64::try_from(int).ok(),
        Number::Float(_) => None,
    }
}

/// `repr(float)`: shortest digits that read back, `1e+16` and `1e-05` with an exponent.
pub fn float_repr(float: f64) -> String {
    if !float.is_finite() {
        return not_finite(float);
    }
    let (negative, digits, exponent) = shortest(float);
    let mut out = String::new();
    if negative {
        out.push('-');
    }
    if !(-4..16).contains(&exponent) {
        push_scientific(&mut out, &digits, exponent);
        return out;
    }
    push_positional(&mut out, &digits, exponent);
    if !out.contains('.') {
        out.push_str(".0");
    }
    out
}

/// `%f`: this many digits after the point, whatever the size.
pub fn fixed(float: f64, precision: usize) -> String {
    match float.is_finite() {
        true => format!("{float:.precision$}"),
        false => not_finite(float),
    }
}

/// `%e`: one digit before the point, this many after it, an exponent of two digits or more.
pub fn scientific(float: f64, precision: usize) -> String {
    if !float.is_finite() {
        return not_finite(float);
    }
    let text = format!("{float:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!(
        "{mantissa}{}",
        exponent_suffix(exponent.parse().unwrap_or(0))
    )
}

/// `%g`: this many significant digits, without trailing zeros unless `keep_zeros`.
pub fn general(float: f64, precision: usize, keep_zeros: bool) -> String {
    if !float.is_finite() {
        return not_finite(float);
    }
    let precision = precision.max(1);
    let rounded = format!("{float:.*e}", precision - 1);
    let (mantissa, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if exponent < -4 || exponent >= precision as i32 {
        let mantissa = if keep_zeros {
            mantissa
        } else {
            trim_zeros(mantissa)
        };
        return format!("{mantissa}{}", exponent_suffix(exponent));
    }
    let decimals = (precision as i32 - 1 - exponent).max(0) as usize;
    let text = format!("{float:.decimals$}");
    match keep_zeros {
        true => text,
        false => trim_zeros(&text).to_string(),
    }
}

/// The number with a point after its whole digits, as the flag `#` asks for.
pub fn with_point(text: String) -> String {
    if text.contains('.') || !text.starts_with(|c: char| c.is_ascii_digit()) {
        return text;
    }
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    format!("{}.{}", &text[..end], &text[end..])
}

/// Thousands separators in the digits before the point.
pub fn group_digits(text: &str, separator: char, size: usize) -> String {
    let start = text.find(|c: char| c.is_ascii_hexdigit()).unwrap_or(0);
    let end = text[start..]
        .find(|c: char| !c.is_ascii_hexdigit())
        .map_or(text.len(), |at| start + at);
    let digits = &text[start..end];
    let mut grouped = String::with_capacity(text.len() + digits.len() / size);
    grouped.push_str(&text[..start]);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(size) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped.push_str(&text[end..]);
    grouped
}

fn not_finite(float: f64) -> String {
    let text = match (float.is_nan(), float.is_sign_negative()) {
        (true, _) => "nan",
        (false, true) => "-inf",
        (false, false) => "inf",
    };
    text.to_string()
}

/// Sign, digits without a point, and the power of ten of the first digit.
fn shortest(float: f64) -> (bool, String, i32) {
    let text = format!("{float:e}");
    // Of two shortest texts as near as each other, Python takes the one with the even digit.
    let decimals = text.bytes().filter(u8::is_ascii_digit).count();
    let decimals = decimals
        - text
            .split_once('e')
            .map_or(0, |(_, e)| e.trim_start_matches('-').len());
    let even = format!("{float:.*e}", decimals - 1);
    let text = if even.parse() == Ok(float) {
        even
    } else {
        text
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (
        float.is_sign_negative(),
        digits,
        exponent.parse().unwrap_or(0),
    )
}

fn push_scientific(out: &mut String, digits: &str, exponent: i32) {
    out.push_str(&digits[..1]);
    if digits.len() > 1 {
        out.push('.');
        out.push_str(&digits[1..]);
    }
    out.push_str(&exponent_suffix(exponent));
}

fn push_positional(out: &mut String, digits: &str, exponent: i32) {
    if exponent < 0 {
        out.push_str("0.");
        out.push_str(&"0".repeat((-exponent - 1) as usize));
        return out.push_str(digits);
    }
    let before = exponent as usize + 1;
    if digits.len() > before {
        out.push_str(&digits[..before]);
        out.push('.');
        out.push_str(&digits[before..]);
    } else {
        out.push_str(digits);
        out.push_str(&"0".repeat(before - digits.len()));
    }
}

fn exponent_suffix(exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("e{sign}{:02}", exponent.abs())
}

fn trim_zeros(text: &str) -> &str {
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_python() {
        for (float, text) in [
            (1.0, "1.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
            (-0.1, "-0.1"),
            (123456.789, "123456.789"),
        ] {
            assert_eq!(float_repr(float), text);
        }
    }

    #[test]
    fn general_switches_to_exponents_by_precision() {
        assert_eq!(general(100000.0, 6, false), "100000");
        assert_eq!(general(1000000.0, 6, false), "1e+06");
        assert_eq!(general(0.0001, 6, false), "0.0001");
        assert_eq!(general(0.5, 6, true), "0.500000");
        assert_eq!(group_digits("-1234567.5", ',', 3), "-1,234,567.5");
    }
}
