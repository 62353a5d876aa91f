//! What a plain (unquoted) scalar means under YAML 1.1: `yes` is true, `010` is eight,
//! `12:30:00` is a number of seconds, `2024-01-31` is a date, and `1e3` is a text.

use crate::config::yaml::Data;
use jiff::civil;

/// The value of a plain scalar.
pub fn resolve(text: &str) -> Data {
    let Some(first) = text.bytes().next() else {
        return Data::Null;
    };
    let found = match first {
        b'0'..=b'9' => float(text).or_else(|| int(text)).or_else(|| date(text)),
        b'+' | b'-' | b'.' => float(text).or_else(|| int(text)),
        b'~' | b'n' | b'N' | b'y' | b'Y' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' => word(text),
        _ => None,
    };
    found.unwrap_or_else(|| Data::Text(text.to_string()))
}

/// A text as a scalar to write into a YAML file: in quotes only where it needs them.
pub fn scalar_source(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./-+@~<>=".contains(c);
    let starts_plain = text.starts_with(|c: char| c.is_ascii_alphanumeric() || "_./~".contains(c));
    let has_scheme = text.contains("://") && !text.contains(": ") && !text.contains(" #");
    let is_simple = text.chars().all(is_plain)
        || has_scheme && text.chars().all(|c| is_plain(c) || ":%?&".contains(c));
    match starts_plain && is_simple && matches!(resolve(text), Data::Text(_)) {
        true => text.to_string(),
        false => serde_json::Value::from(text).to_string(),
    }
}

/// The shortest text that reads back as the same number, as Python prints it.
pub(super) fn print_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_string();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_string();
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(rest) => ('-', rest),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{value:?}")
}

pub(super) fn json_int(value: i128) -> serde_json::Value {
    match (i64::try_from(value), u64::try_from(value)) {
        (Ok(small), _) => small.into(),
        (_, Ok(big)) => big.into(),
        _ => (value as f64).into(),
    }
}

fn word(text: &str) -> Option<Data> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(Data::Bool(true))
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Data::Bool(false))
        }
        "~" | "null" | "Null" | "NULL" => Some(Data::Null),
        _ => None,
    }
}

fn int(text: &str) -> Option<Data> {
    let (negative, digits) = signed(text);
    let value = match digits.as_bytes() {
        [b'0'] => 0,
        [b'0', b'b', rest @ ..] => radix(rest, 2)?,
        [b'0', b'x', rest @ ..] => radix(rest, 16)?,
        [b'0', rest @ ..] => radix(rest, 8)?,
        [b'1'..=b'9', ..] => match sexagesimal(digits) {
            Some(value) => value,
            None => return big(text, digits, negative),
        },
        _ => return None,
    };
    Some(Data::Int(if negative { -value } else { value }))
}

/// A decimal integer; one that no 128 bits hold is kept as the nearest float.
fn big(text: &str, digits: &str, negative: bool) -> Option<Data> {
    if !is_digits(digits) {
        return None;
    }
    let plain = digits.replace('_', "");
    match plain.parse::<i128>() {
        Ok(value) => Some(Data::Int(if negative { -value } else { value })),
        Err(_) => text.replace('_', "").parse().ok().map(Data::Float),
    }
}

fn radix(digits: &[u8], base: u32) -> Option<i128> {
    let mut value = None;
    for byte in digits {
        if *byte == b'_' {
            value = value.or((base == 8).then_some(0));
            continue;
        }
        let digit = char::from(*byte).to_digit(base)?;
        value = Some(
            value
                .unwrap_or(0_i128)
                .checked_mul(base.into())?
                .checked_add(digit.into())?,
        );
    }
    value
}

/// `12:30:00` counts in sixties. Without a colon it is nothing of ours.
fn sexagesimal(digits: &str) -> Option<i128> {
    let (head, rest) = digits.split_once(':')?;
    let mut value = decimal(head)?;
    for part in rest.split(':') {
        value = value.checked_mul(60)?.checked_add(sixty(part)?)?;
    }
    Some(value)
}

/// One place of a base-60 number: one digit, or two of which the first is at most 5.
fn sixty(part: &str) -> Option<i128> {
    match part.as_bytes() {
        [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'] => part.parse().ok(),
        _ => None,
    }
}

fn decimal(digits: &str) -> Option<i128> {
    let plain = is_decimal(digits).then(|| digits.replace('_', ""))?;
    plain.parse().ok()
}

fn is_decimal(digits: &str) -> bool {
    digits.starts_with(|c: char| c.is_ascii_digit()) && is_digits(digits)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

fn float(text: &str) -> Option<Data> {
    let (negative, digits) = signed(text);
    let sign = if negative { -1.0 } else { 1.0 };
    match digits {
        ".inf" | ".Inf" | ".INF" => return Some(Data::Float(sign * f64::INFINITY)),
        ".nan" | ".NaN" | ".NAN" if digits == text => return Some(Data::Float(f64::NAN)),
        _ => {}
    }
    let (whole, rest) = digits.split_once('.')?;
    if let Some((head, tail)) = whole.split_once(':') {
        return sexagesimal_float(head, tail, rest).map(|value| Data::Float(sign * value));
    }
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let whole_fits = match whole {
        "" => digits == text && fraction.starts_with(|c: char| c.is_ascii_digit()),
        _ => is_decimal(whole),
    };
    let exponent_fits = exponent.is_none_or(|e| {
        e.strip_prefix(['+', '-'])
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    });
    if !(whole_fits && is_digits(fraction) && exponent_fits) {
        return None;
    }
    let value: f64 = digits.replace('_', "").parse().ok()?;
    Some(Data::Float(sign * value))
}

fn sexagesimal_float(head: &str, tail: &str, fraction: &str) -> Option<f64> {
    let mut value = decimal(head)? as f64;
    for part in tail.split(':') {
        value = value * 60.0 + sixty(part)? as f64;
    }
    if !is_digits(fraction) {
        return None;
    }
    let fraction: f64 = format!("0.{}", fraction.replace('_', "")).parse().ok()?;
    Some(value + fraction)
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// `2024-01-31`, or `2024-1-31 10:00:00.5 +02:00`. Days that no calendar has stay texts.
fn date(text: &str) -> Option<Data> {
    let day_end = text.find(['T', 't', ' ', '\t']).unwrap_or(text.len());
    let (day, clock) = text.split_at(day_end);
    let mut parts = day.split('-');
    let (year, month, dom) = (parts.next()?, parts.next()?, parts.next()?);
    let narrow = if clock.is_empty() { 2 } else { 1 };
    if parts.next().is_some() {
        return None;
    }
    let date = civil::Date::new(
        number(year, 4, 4)?,
        number(month, narrow, 2)?,
        number(dom, narrow, 2)?,
    )
    .ok()?;
    if clock.is_empty() {
        return Some(Data::Date(date.to_string()));
    }
    let clock = match clock.strip_prefix(['T', 't']) {
        Some(rest) => rest,
        None => clock.trim_start_matches([' ', '\t']),
    };
    let time = time_of_day(clock)?;
    Some(Data::Date(format!("{date}T{time}")))
}

/// `10:00:00.5 +02:00` in ISO form, microseconds only where there are any.
fn time_of_day(text: &str) -> Option<String> {
    let mut parts = text.splitn(3, ':');
    let (hour, minute, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let second_end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (second, rest) = rest.split_at(second_end);
    let (micros, zone) = match rest.strip_prefix('.') {
        None => (0, rest),
        Some(rest) => {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let digits: String = rest[..end]
                .chars()
                .chain("000000".chars())
                .take(6)
                .collect();
            (digits.parse().ok()?, &rest[end..])
        }
    };
    let (hour, minute, second): (i8, i8, i8) = (
        number(hour, 1, 2)?,
        number(minute, 2, 2)?,
        number(second, 2, 2)?,
    );
    civil::Time::new(hour, minute, second, 0).ok()?;
    let fraction = match micros {
        0_u32 => String::new(),
        some => format!(".{some:06}"),
    };
    let zone = offset_from_utc(zone.trim_start_matches([' ', '\t']))?;
    Some(format!("{hour:02}:{minute:02}:{second:02}{fraction}{zone}"))
}

/// `Z`, `+2` or `-05:30`, in the form `+02:00`; empty stays empty.
fn offset_from_utc(text: &str) -> Option<String> {
    let (sign, rest) = match text.as_bytes().first() {
        None => return Some(String::new()),
        Some(b'Z') if text.len() == 1 => return Some("+00:00".to_string()),
        Some(b'+') => ('+', &text[1..]),
        Some(b'-') => ('-', &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':').unwrap_or((rest, "00"));
    let hours: u8 = number(hours, 1, 2)?;
    let minutes: u8 = number(minutes, 2, 2)?;
    Some(format!("{sign}{hours:02}:{minutes:02}"))
}

fn number<N: std::str::FromStr>(text: &str, least: usize, most: usize) -> Option<N> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row: a plain scalar and what PyYAML makes of it.
    #[test]
    fn plain_scalars_mean_what_pyyaml_says() {
        let text = |t: &str| Data::Text(t.to_string());
        let date = |t: &str| Data::Date(t.to_string());
        let rows = [
            ("", Data::Null),
            ("~", Data::Null),
            ("Null", Data::Null),
            ("yes", Data::Bool(true)),
            ("OFF", Data::Bool(false)),
            ("y", text("y")),
            ("yEs", text("yEs")),
            ("0", Data::Int(0)),
            ("00", Data::Int(0)),
            ("010", Data::Int(8)),
            ("0_7", Data::Int(7)),
            ("08", text("08")),
            ("0o7", text("0o7")),
            ("0x1F", Data::Int(31)),
            ("0b101", Data::Int(5)),
            ("-0b1", Data::Int(-1)),
            ("+1", Data::Int(1)),
            ("1_000", Data::Int(1000)),
            ("1__0", Data::Int(10)),
            ("_1", text("_1")),
            ("1a", text("1a")),
            ("12:30:00", Data::Int(45000)),
            ("190:20:30", Data::Int(685_230)),
            ("1:60", text("1:60")),
            ("0:30", text("0:30")),
            (
                "99999999999999999999",
                Data::Int(99_999_999_999_999_999_999),
            ),
            ("1e3", text("1e3")),
            ("1.0e3", text("1.0e3")),
            ("1.0e+3", Data::Float(1000.0)),
            (".5", Data::Float(0.5)),
            ("-.5", text("-.5")),
            ("5.", Data::Float(5.0)),
            ("1_0.5", Data::Float(10.5)),
            ("1.2.3", text("1.2.3")),
            ("1:2.5", Data::Float(62.5)),
            ("190:20:30.15", Data::Float(685_230.15)),
            ("-.INF", Data::Float(f64::NEG_INFINITY)),
            (".", text(".")),
            ("-", text("-")),
            ("2020-01-01", date("2020-01-01")),
            ("2001-1-1", text("2001-1-1")),
            ("2020-13-01", text("2020-13-01")),
            ("2001-1-1 1:00:00", date("2001-01-01T01:00:00")),
            ("2020-01-01T10:00:00Z", date("2020-01-01T10:00:00+00:00")),
            (
                "2020-01-01 10:00:00.5 +02:00",
                date("2020-01-01T10:00:00.500000+02:00"),
            ),
            ("2020-01-01 10:00", text("2020-01-01 10:00")),
        ];
        for (scalar, expected) in rows {
            assert_eq!(resolve(scalar), expected, "{scalar}");
        }
        assert!(matches!(resolve(".nan"), Data::Float(v) if v.is_nan()));
    }

    #[test]
    fn texts_are_quoted_only_where_they_need_it() {
        for (text, source) in [
            ("loc/a", "loc/a"),
            ("file:///x/y.tar.gz", "file:///x/y.tar.gz"),
            ("1.0.0", "1.0.0"),
            ("1.0", "\"1.0\""),
            ("yes", "\"yes\""),
            (">=1.0.0", "\">=1.0.0\""),
            ("a: b", "\"a: b\""),
            ("", "\"\""),
            ("-a", "\"-a\""),
        ] {
            assert_eq!(scalar_source(text), source, "{text}");
        }
    }

    #[test]
    fn floats_print_as_in_python() {
        for (value, printed) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1.5e-5, "1.5e-05"),
            (123_456.75, "123456.75"),
            (0.0, "0.0"),
        ] {
            assert_eq!(print_float(value), printed);
        }
    }
}
