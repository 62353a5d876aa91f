//! How decimals are spelled: `str` and `format`.

use super::Decimal;
use super::Number;
use crate::jinja::fail;
use crate::jinja::python::format::Spec;
use minijinja::Error;
use std::fmt;

/// `format(value, spec)`
pub fn format(value: &Decimal, spec: &str) -> Result<String, Error> {
    let invalid = || fail("invalid format string");
    let spec = Spec::parse(spec, super::TYPE_NAME).map_err(|_| invalid())?;
    let kind = spec.kind.unwrap_or('G');
    if !"eEfFgGn%".contains(kind) {
        return Err(invalid());
    }
    let Decimal::Finite(number) = value else {
        let text = value.to_string();
        let (negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text.as_str()),
        };
        return Ok(spec.pad(spec.sign_of(negative), text, '>'));
    };
    let kind = if kind == 'n' { 'g' } else { kind };
    let body = body(&number.signed(false), kind, spec.precision);
    let sign = spec.sign_of(number.negative);
    Ok(spec.pad(sign, &spec.group(body, 3, sign.len()), '>'))
}

/// The number without its sign.
fn body(number: &Number, kind: char, precision: Option<usize>) -> String {
    let mut number = number.clone();
    if kind == '%' {
        number.exponent += 2;
    }
    if let Some(precision) = precision {
        number = with_precision(&number, kind, precision);
    }
    let left = number.exponent + number.digits.len() as i64;
    let point = match kind {
        'e' | 'E' => match precision.filter(|_| number.digits.is_zero()) {
            Some(precision) => 1 - precision as i64,
            None => 1,
        },
        'f' | 'F' | '%' => {
            if number.exponent > 0 {
                number = number.at_exponent(0);
            }
            number.exponent + number.digits.len() as i64
        }
        _ if number.exponent <= 0 && left > -6 => left,
        _ => 1,
    };
    let mut text = with_point(&number.digits.to_string(), point);
    let power = number.exponent + number.digits.len() as i64 - point;
    if power != 0 || matches!(kind, 'e' | 'E') {
        let mark = if kind.is_ascii_uppercase() { 'E' } else { 'e' };
        text.push_str(&format!("{mark}{power:+}"));
    }
    if kind == '%' {
        text.push('%');
    }
    text
}

fn with_precision(number: &Number, kind: char, precision: usize) -> Number {
    let digits = match kind {
        'e' | 'E' => precision + 1,
        'f' | 'F' | '%' => return number.at_exponent(-(precision as i64)),
        _ => precision.max(1),
    };
    match kind {
        'g' | 'G' if number.digits.len() <= digits => number.clone(),
        _ => {
            let exponent = number.adjusted() - digits as i64 + 1;
            let rounded = number.at_exponent(exponent);
            match rounded.digits.len() > digits {
                true => rounded.at_exponent(exponent + 1),
                false => rounded,
            }
        }
    }
}

/// The digits with a point after the first `point` of them; zeros fill what is missing.
fn with_point(digits: &str, point: i64) -> String {
    match usize::try_from(point) {
        Ok(0) | Err(_) => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        Ok(point) if point >= digits.len() => {
            format!("{digits}{}", "0".repeat(point - digits.len()))
        }
        Ok(point) => format!("{}.{}", &digits[..point], &digits[point..]),
    }
}

/// `str(value)`: an exponent where there are zeros behind the digits, or many before them.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decimal::Finite(number) => {
                let sign = if number.negative { "-" } else { "" };
                write!(f, "{sign}{}", body(number, 'G', None))
            }
            Decimal::Infinite { negative: false } => f.write_str("Infinity"),
            Decimal::Infinite { negative: true } => f.write_str("-Infinity"),
            Decimal::NotANumber => f.write_str("NaN"),
        }
    }
}
