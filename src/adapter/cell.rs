//! One value of a query's result: as the warehouse typed it, as text, as JSON.

use crate::adapter::decimal::Decimal;
use jiff::Zoned;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::civil::Time;
use serde_json::Value as Json;
use std::fmt;
use std::fmt::Write;

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Decimal(Decimal),
    Str(Box<str>),
    Date(Date),
    Time(Time),
    /// Date and time of no particular zone.
    DateTime(DateTime),
    /// An instant, shown in a zone.
    Instant(Box<Zoned>),
    Interval(Interval),
    Blob(Box<[u8]>),
    List(Vec<Cell>),
    Struct(Vec<(Box<str>, Cell)>),
    Map(Vec<(Cell, Cell)>),
}

/// A span of time in the three units that do not convert into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    pub months: i32,
    pub days: i32,
    pub micros: i64,
}

impl Cell {
    pub fn text(value: impl Into<Box<str>>) -> Self {
        Cell::Str(value.into())
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Cell::Null)
    }

    /// A whole number, also where the warehouse says it as a decimal; `None` for anything else.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Cell::Int(value) => i64::try_from(*value).ok(),
            Cell::Decimal(value) => value
                .to_integer()
                .and_then(|value| i64::try_from(value).ok()),
            Cell::Float(value) if value.fract() == 0.0 => Some(*value as i64),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Cell::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The value in JSON: dates as ISO text, decimals as numbers, what JSON cannot say as text or null.
    pub fn to_json(&self) -> Json {
        match self {
            Cell::Null => Json::Null,
            Cell::Bool(value) => Json::Bool(*value),
            Cell::Int(value) => serde_json::Number::from_i128(*value)
                .map_or_else(|| Json::String(value.to_string()), Json::Number),
            Cell::Float(value) => Json::from(*value),
            Cell::Decimal(value) => Json::from(value.to_f64()),
            Cell::DateTime(value) => Json::String(iso(*value)),
            Cell::Instant(value) => {
                Json::String(format!("{}{}", iso(value.datetime()), offset(value)))
            }
            Cell::List(items) => Json::Array(items.iter().map(Cell::to_json).collect()),
            Cell::Struct(fields) => {
                let fields = fields.iter();
                Json::Object(fields.map(|(k, v)| (k.to_string(), v.to_json())).collect())
            }
            Cell::Map(entries) => {
                let entries = entries.iter();
                Json::Object(entries.map(|(k, v)| (k.to_string(), v.to_json())).collect())
            }
            other => Json::String(other.to_string()),
        }
    }
}

/// The value as Python prints it; `None` for null.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("None"),
            Cell::Bool(true) => f.write_str("True"),
            Cell::Bool(false) => f.write_str("False"),
            Cell::Int(value) => write!(f, "{value}"),
            Cell::Float(value) if value.is_nan() => f.write_str("NaN"),
            Cell::Float(value) if value.is_infinite() => f.write_str(if *value > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            }),
            Cell::Float(value) => match Decimal::from_float(*value) {
                Some(decimal) => write!(f, "{decimal}"),
                None => write!(f, "{value}"),
            },
            Cell::Decimal(value) => write!(f, "{value}"),
            Cell::Str(value) => f.write_str(value),
            Cell::Date(value) => write!(f, "{value}"),
            Cell::Time(value) => write!(f, "{}", clock(*value)),
            Cell::DateTime(value) => write!(f, "{} {}", value.date(), clock(value.time())),
            Cell::Instant(value) => {
                write!(
                    f,
                    "{} {}{}",
                    value.date(),
                    clock(value.time()),
                    offset(value)
                )
            }
            Cell::Interval(value) => write!(f, "{value}"),
            Cell::Blob(bytes) => write_bytes(f, bytes),
            nested => f.write_str(&spaced(&nested.to_json())),
        }
    }
}

/// Days and a clock, a month counting 30 days: `1 day, 2:00:00`.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY: i128 = 86_400_000_000;
        let days = i128::from(self.months) * 30 + i128::from(self.days);
        let micros = days * DAY + i128::from(self.micros);
        let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
        match days {
            0 => {}
            1 | -1 => write!(f, "{days} day, ")?,
            _ => write!(f, "{days} days, ")?,
        }
        let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        write!(f, "{hours}:{minutes:02}:{:02}", seconds % 60)?;
        match micros {
            0 => Ok(()),
            _ => write!(f, ".{micros:06}"),
        }
    }
}

/// JSON on one line with a space behind commas and colons, as Python writes it.
pub fn spaced(json: &Json) -> String {
    let mut out = String::new();
    write_spaced(&mut out, json);
    out
}

fn write_spaced(out: &mut String, json: &Json) {
    match json {
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write_spaced(out, item);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                push_ascii(out, &Json::from(key.as_str()).to_string());
                out.push_str(": ");
                write_spaced(out, value);
            }
            out.push('}');
        }
        plain => push_ascii(out, &plain.to_string()),
    }
}

/// What is not ASCII as `\u00e9`, two of them for characters beyond 16 bits.
fn push_ascii(out: &mut String, json: &str) {
    for c in json.chars() {
        match c.is_ascii() {
            true => out.push(c),
            false => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
}

fn iso(value: DateTime) -> String {
    format!("{}T{}", value.date(), clock(value.time()))
}

/// `03:04:05`, with microseconds where there are any.
fn clock(time: Time) -> String {
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    match time.subsec_nanosecond() / 1000 {
        0 => format!("{hour:02}:{minute:02}:{second:02}"),
        micros => format!("{hour:02}:{minute:02}:{second:02}.{micros:06}"),
    }
}

/// `+02:00`
fn offset(value: &Zoned) -> String {
    let seconds = value.offset().seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `b'abc\x00'`
fn write_bytes(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let quote = match bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        true => '"',
        false => '\'',
    };
    write!(f, "b{quote}")?;
    for byte in bytes {
        match byte {
            b'\\' => f.write_str("\\\\")?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            _ if *byte == quote as u8 => write!(f, "\\{quote}")?,
            0x20..=0x7e => f.write_char(char::from(*byte))?,
            _ => write!(f, "\\x{byte:02x}")?,
        }
    }
    f.write_char(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_like_python() {
        let interval = |months, days, micros| {
            Cell::Interval(Interval {
                months,
                days,
                micros,
            })
        };
        let rows = [
            (Cell::Bool(true), "True"),
            (Cell::Float(1e20), "1E+20"),
            (Cell::Float(f64::NAN), "NaN"),
            (Cell::Date(jiff::civil::date(2024, 1, 2)), "2024-01-02"),
            (
                Cell::DateTime(jiff::civil::datetime(2024, 1, 2, 3, 4, 5, 123_456_000)),
                "2024-01-02 03:04:05.123456",
            ),
            (interval(0, 1, 7_200_000_000), "1 day, 2:00:00"),
            (interval(0, 0, -3_600_000_000), "-1 day, 23:00:00"),
            (interval(1, 3, 1_500_000), "33 days, 0:00:01.500000"),
            (Cell::Blob(b"a\x00'".as_slice().into()), "b\"a\\x00'\""),
            (
                Cell::Struct(vec![
                    ("a".into(), Cell::List(vec![Cell::Int(1), Cell::Null])),
                    ("b".into(), Cell::text("x\"y")),
                ]),
                "{\"a\": [1, null], \"b\": \"x\\\"y\"}",
            ),
        ];
        for (cell, expected) in rows {
            assert_eq!(cell.to_string(), expected);
        }
    }

    #[test]
    fn instants_keep_their_zone() {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
        let instant = jiff::Timestamp::from_second(1_704_164_645).unwrap();
        let cell = Cell::Instant(Box::new(instant.to_zoned(zone)));
        assert_eq!(cell.to_string(), "2024-01-02 05:04:05+02:00");
        assert_eq!(cell.to_json(), "2024-01-02T05:04:05+02:00");
    }
}
