//! Filters of numbers: `abs int float round sum filesizeformat`.

use super::attribute;
use super::is_true;
use super::iterate;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int_or;
use crate::jinja::python::decimal;
use crate::jinja::python::numbers::Number;
use crate::jinja::python::numbers::fixed;
use crate::jinja::python::numbers::int_value;
use crate::jinja::python::operators;
use crate::jinja::python::repr;
use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Value;

pub(super) fn abs(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    bind("abs", [], args)?;
    if let Some(decimal) = decimal::of(value) {
        return decimal.absolute();
    }
    match Number::of(value) {
        Some(Number::Int(int)) => Ok(int_value(int.saturating_abs())),
        Some(Number::Float(float)) => Ok(Value::from(float.abs())),
        None => Err(fail(format!(
            "bad operand type for abs(): '{}'",
            type_name(value)
        ))),
    }
}

/// What cannot be read as an integer, whole or as a float cut short, becomes `default`.
pub(super) fn int(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [default, base] = bind("int", ["default", "base"], args)?;
    if let Some(decimal) = decimal::of(value) {
        return decimal.to_int().map(int_value);
    }
    let base = int_or(base.as_ref(), 10)?;
    let found = match (Number::of(value), value.as_str()) {
        (Some(Number::Int(int)), _) => Some(int),
        (Some(Number::Float(float)), _) => cut(float),
        (None, Some(text)) => {
            let base = u32::try_from(base).unwrap_or(10);
            parse_int(text, base).or_else(|| parse_float(text).and_then(cut))
        }
        (None, None) => None,
    };
    Ok(found.map(int_value).or(default).unwrap_or(Value::from(0)))
}

pub(super) fn float(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [default] = bind("float", ["default"], args)?;
    if let Some(decimal) = decimal::of(value) {
        return Ok(Value::from(decimal.to_f64()));
    }
    let found = match (Number::of(value), value.as_str()) {
        (Some(number), _) => Some(number.as_f64()),
        (None, Some(text)) => parse_float(text),
        (None, None) => None,
    };
    Ok(found
        .map(Value::from)
        .or(default)
        .unwrap_or(Value::from(0.0)))
}

pub(super) fn round_filter(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [precision, method] = bind("round", ["precision", "method"], args)?;
    let precision = int_or(precision.as_ref(), 0)?;
    let method = method.as_ref().map_or(Some("common"), Value::as_str);
    let decimal = decimal::of(value);
    if let Some(decimal) = decimal.filter(|_| method == Some("common")) {
        return decimal.round(precision);
    }
    let floated = decimal.map(|decimal| Number::Float(decimal.to_f64()));
    let Some(number) = floated.or_else(|| Number::of(value)) else {
        return Err(fail(format!(
            "type {} doesn't define __round__ method",
            type_name(value)
        )));
    };
    let scale = 10f64.powi(precision.clamp(-400, 400) as i32);
    match method {
        Some("common") => Ok(round(number, precision).into()),
        Some("ceil") => Ok(Value::from(
            ((number.as_f64() * scale).ceil() + 0.0) / scale,
        )),
        Some("floor") => Ok(Value::from(
            ((number.as_f64() * scale).floor() + 0.0) / scale,
        )),
        _ => Err(fail("method must be common, ceil or floor")),
    }
}

/// Python's `round`: to the nearest, a tie to the even neighbour, of the exact binary value.
pub fn round(number: Number, precision: i64) -> Number {
    match number {
        Number::Int(int) if precision >= 0 => Number::Int(int),
        Number::Int(int) => Number::Int(round_int(int, precision.unsigned_abs())),
        Number::Float(float) if !float.is_finite() => Number::Float(float),
        Number::Float(float) if precision >= 0 => {
            let digits = precision.min(330) as usize;
            Number::Float(fixed(float, digits).parse().unwrap_or(float))
        }
        Number::Float(float) => {
            let scale = 10f64.powi(-(precision.max(-330)) as i32);
            Number::Float((float / scale).round_ties_even() * scale)
        }
    }
}

pub(super) fn sum(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [path, start] = bind("sum", ["attribute", "start"], args)?;
    let mut total = start.unwrap_or(Value::from(0));
    for item in iterate(value)? {
        let item = match &path {
            Some(path) if !path.is_none() => attribute(&item, path),
            _ => item,
        };
        total = operators::add(&total, &item)?;
    }
    Ok(total)
}

pub(super) fn filesizeformat(_: &mut State, value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [binary] = bind("filesizeformat", ["binary"], args)?;
    let floated = decimal::of(value).map(|decimal| Number::Float(decimal.to_f64()));
    let bytes = match (floated.or_else(|| Number::of(value)), value.as_str()) {
        (Some(number), _) => number.as_f64(),
        (None, Some(text)) => parse_float(text).ok_or_else(|| {
            fail(format!(
                "could not convert string to float: {}",
                repr::quote(text)
            ))
        })?,
        (None, None) => {
            return Err(fail(format!(
                "float() argument must be a string or a real number, not '{}'",
                type_name(value)
            )));
        }
    };
    let (base, units) = match is_true(&binary) {
        true => (
            1024.0,
            ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"],
        ),
        false => (1000.0, ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]),
    };
    if bytes == 1.0 {
        return Ok(Value::from("1 Byte"));
    }
    if bytes < base {
        return Ok(Value::from(format!("{} Bytes", bytes.trunc() as i128)));
    }
    let mut size = bytes / base;
    let mut unit = 0;
    while size >= base && unit + 1 < units.len() {
        size /= base;
        unit += 1;
    }
    Ok(Value::from(format!("{size:.1} {}", units[unit])))
}

/// `int(text, base)`; `None` where Python raises, or for more than 127 bits.
pub fn parse_int(text: &str, base: u32) -> Option<i128> {
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (base, digits) = match (base, lower.get(..2)) {
        (0 | 16, Some("0x")) => (16, &lower[2..]),
        (0 | 8, Some("0o")) => (8, &lower[2..]),
        (0 | 2, Some("0b")) => (2, &lower[2..]),
        (0, _) => (10, lower.as_str()),
        (base, _) => (base, lower.as_str()),
    };
    let digits = without_underscores(digits)?;
    if !(2..=36).contains(&base) || !digits.starts_with(|c: char| c.is_digit(base)) {
        return None;
    }
    let size = i128::from_str_radix(&digits, base).ok()?;
    Some(if negative { -size } else { size })
}

/// `float(text)`; `None` where Python raises.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim();
    let word = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if matches!(word.as_str(), "inf" | "infinity" | "nan") {
        return text.to_ascii_lowercase().parse().ok();
    }
    let plain = without_underscores(text)?;
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    match plain.chars().all(is_number) {
        true => plain.parse().ok(),
        false => None,
    }
}

/// Underscores may stand between digits only.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_alphanumeric)
    };
    let misplaced = bytes.iter().enumerate().any(|(at, byte)| {
        *byte == b'_' && !(is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)))
    });
    (!misplaced).then(|| text.replace('_', ""))
}

fn cut(float: f64) -> Option<i128> {
    float.is_finite().then_some(float.trunc() as i128)
}

fn round_int(int: i128, digits: u64) -> i128 {
    let Some(scale) = u32::try_from(digits)
        .ok()
        .and_then(|d| 10i128.checked_pow(d))
    else {
        return 0;
    };
    let down = int.div_euclid(scale);
    let rest = int.rem_euclid(scale);
    let up = rest * 2 > scale || (rest * 2 == scale && down % 2 != 0);
    (down + i128::from(up)) * scale
}
