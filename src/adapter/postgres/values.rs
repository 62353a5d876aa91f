//! Values as the server writes them, made into the cells that dbt's Python driver would make of them.

use super::types;
use crate::adapter::Cell;
use crate::adapter::cell::Interval;
use crate::adapter::decimal::Decimal;
use jiff::civil::Date;
use jiff::civil::DateTime;
use jiff::civil::Time;
use jiff::tz::Offset;
use jiff::tz::TimeZone;
use serde_json::Value as Json;

/// The cell for a text of a type; what has no form of its own stays text.
pub(super) fn cell(oid: u32, text: &str) -> Cell {
    known(oid, text).unwrap_or_else(|| Cell::text(text))
}

/// `None` where the text is all there is to say.
fn known(oid: u32, text: &str) -> Option<Cell> {
    Some(match oid {
        types::BOOL => Cell::Bool(text == "t"),
        types::INT2 | types::INT4 | types::INT8 | types::OID => Cell::Int(text.parse().ok()?),
        types::FLOAT4 | types::FLOAT8 => Cell::Float(text.parse().ok()?),
        types::NUMERIC => number(text)?,
        types::DATE => Cell::Date(date(text)?),
        types::TIME => Cell::Time(time(text)?),
        types::TIMETZ => Cell::text(time_in_zone(text)?),
        types::TIMESTAMP => Cell::DateTime(datetime(text)?),
        types::TIMESTAMPTZ => instant(text)?,
        types::INTERVAL => Cell::Interval(interval(text)?),
        types::BYTEA => Cell::Blob(bytes(text)?.into()),
        types::JSON | types::JSONB => json(&serde_json::from_str(text).ok()?),
        _ if types::is_range(oid) => Cell::text(range(oid, text)?),
        _ => Cell::List(array(types::element_of(oid)?, text)?),
    })
}

fn number(text: &str) -> Option<Cell> {
    match Decimal::parse(text) {
        Some(decimal) => Some(Cell::Decimal(decimal)),
        // `NaN`, `Infinity`; more digits than fit stay text.
        None if text.contains(|c: char| c.is_ascii_digit()) => None,
        None => Some(Cell::Float(text.parse().ok()?)),
    }
}

fn date(text: &str) -> Option<Date> {
    match text {
        "infinity" => Some(Date::MAX),
        "-infinity" => Some(jiff::civil::date(1, 1, 1)),
        _ => text.parse().ok().filter(|date: &Date| date.year() > 0),
    }
}

/// The end of a day is the beginning of the next one.
fn time(text: &str) -> Option<Time> {
    match text {
        "24:00:00" => Some(Time::midnight()),
        _ => text.parse().ok(),
    }
}

fn datetime(text: &str) -> Option<DateTime> {
    match text {
        "infinity" => Some(Date::MAX.at(23, 59, 59, 999_999_000)),
        "-infinity" => Some(jiff::civil::date(1, 1, 1).at(0, 0, 0, 0)),
        _ => {
            let (day, clock) = text.split_once(' ')?;
            Some(date(day)?.to_datetime(time(clock)?))
        }
    }
}

/// `2024-01-02 03:04:05.5+05:30`
fn instant(text: &str) -> Option<Cell> {
    let (local, offset) = match text {
        "infinity" | "-infinity" => (datetime(text)?, Offset::UTC),
        _ => {
            let at = text.rfind(['+', '-']).filter(|at| *at > 10)?;
            (datetime(&text[..at])?, offset(&text[at..])?)
        }
    };
    match local.to_zoned(TimeZone::fixed(offset)) {
        Ok(zoned) => Some(Cell::Instant(Box::new(zoned))),
        // The very ends of time are no instants.
        Err(_) => Some(Cell::text(format!("{}+00:00", Cell::DateTime(local)))),
    }
}

/// `03:04:05+02` becomes `03:04:05+02:00`.
fn time_in_zone(text: &str) -> Option<String> {
    let at = text.rfind(['+', '-'])?;
    let clock = Cell::Time(time(&text[..at])?);
    let seconds = offset(&text[at..])?.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let rest = match seconds % 60 {
        0 => String::new(),
        rest => format!(":{rest:02}"),
    };
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    Some(format!("{clock}{sign}{hours:02}:{minutes:02}{rest}"))
}

/// `+02`, `-05:30`, `+00:53:28`
fn offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut parts = text[1..].split(':').map(str::parse::<i32>);
    let mut part = || parts.next().transpose().ok().map(Option::unwrap_or_default);
    let seconds = part()? * 3600 + part()? * 60 + part()?;
    Offset::from_seconds(sign * seconds).ok()
}

/// `1 year 2 mons -3 days +04:05:06.7`. A year counts 365 days, as dbt's driver has it.
fn interval(text: &str) -> Option<Interval> {
    let mut found = Interval {
        months: 0,
        days: 0,
        micros: 0,
    };
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        if word.contains(':') {
            found.micros = clock(word)?;
            continue;
        }
        let amount: i32 = word.parse().ok()?;
        match words.next()?.trim_end_matches('s') {
            "year" => found.days += amount * 365,
            "mon" => found.months += amount,
            "day" => found.days += amount,
            _ => return None,
        }
    }
    Some(found)
}

/// Microseconds of `-04:05:06.7`.
fn clock(text: &str) -> Option<i64> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut parts = text.trim_start_matches(['+', '-']).split(':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next()?.parse().ok()?;
    let (seconds, fraction) = match parts.next() {
        None => ("0", ""),
        Some(part) => part.split_once('.').unwrap_or((part, "")),
    };
    let seconds: i64 = seconds.parse().ok()?;
    let micros: i64 = format!("{fraction:0<6}").parse().ok()?;
    Some(sign * (((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros))
}

/// `\x6162`, or the older form with octal escapes.
fn bytes(text: &str) -> Option<Vec<u8>> {
    if let Some(digits) = text.strip_prefix("\\x") {
        let pairs = digits.as_bytes().chunks(2);
        return pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
    }
    let mut found = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let (byte, behind) = match (first, behind) {
            (b'\\', [b'\\', behind @ ..]) => (b'\\', behind),
            (b'\\', [a, b, c, behind @ ..]) => {
                let octal = [*a, *b, *c];
                let octal = std::str::from_utf8(&octal).ok()?;
                (u8::from_str_radix(octal, 8).ok()?, behind)
            }
            (byte, behind) => (*byte, behind),
        };
        found.push(byte);
        rest = behind;
    }
    Some(found)
}

fn json(value: &Json) -> Cell {
    match value {
        Json::Null => Cell::Null,
        Json::Bool(value) => Cell::Bool(*value),
        Json::Number(number) => match number.as_i128() {
            Some(value) => Cell::Int(value),
            None => number.as_f64().map_or(Cell::Null, Cell::Float),
        },
        Json::String(text) => Cell::text(text.as_str()),
        Json::Array(items) => Cell::List(items.iter().map(json).collect()),
        Json::Object(map) => Cell::Struct(
            map.iter()
                .map(|(key, value)| (key.as_str().into(), json(value)))
                .collect(),
        ),
    }
}

/// `[1,10)` becomes `[1, 10)`, its bounds shown as Python shows them.
fn range(oid: u32, text: &str) -> Option<String> {
    if text == "empty" {
        return Some(text.to_string());
    }
    let element = types::bound_of(oid)?;
    let (open, inner) = text.split_at_checked(1)?;
    let (inner, close) = inner.split_at_checked(inner.len().checked_sub(1)?)?;
    let (lower, upper) = split_bounds(inner)?;
    let bound = |text: &str| match text {
        "" => Cell::Null.to_string(),
        text => cell(element, &text.replace('"', "")).to_string(),
    };
    Some(format!("{open}{}, {}{close}", bound(lower), bound(upper)))
}

/// The two sides of the comma that stands outside quotes.
fn split_bounds(inner: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let comma = inner.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ',' && !quoted
    });
    let (at, _) = comma?;
    Some((&inner[..at], &inner[at + 1..]))
}

/// The items of `{1,NULL,"a,b",{2}}`; an array that starts with its bounds (`[0:1]={1,2}`) too.
fn array(element: u32, text: &str) -> Option<Vec<Cell>> {
    let text = match text.starts_with('[') {
        true => text.split_once('=')?.1,
        false => text,
    };
    let mut reader = ArrayReader {
        rest: text.strip_prefix('{')?,
        element,
    };
    reader.items()
}

struct ArrayReader<'a> {
    rest: &'a str,
    element: u32,
}

impl ArrayReader<'_> {
    /// Items up to the closing brace, whose opening one was read.
    fn items(&mut self) -> Option<Vec<Cell>> {
        let mut found = Vec::new();
        if self.take('}') {
            return Some(found);
        }
        loop {
            found.push(self.item()?);
            if self.take('}') {
                return Some(found);
            }
            // Only boxes are separated by something else, and those stay text.
            self.rest = self.rest.strip_prefix(',')?;
        }
    }

    fn item(&mut self) -> Option<Cell> {
        if self.take('{') {
            return self.items().map(Cell::List);
        }
        if self.take('"') {
            let text = self.quoted()?;
            return Some(cell(self.element, &text));
        }
        let end = self.rest.find([',', '}'])?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(match text {
            "NULL" => Cell::Null,
            text => cell(self.element, text),
        })
    }

    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        loop {
            match chars.next()? {
                (at, '"') => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                (_, '\\') => text.push(chars.next()?.1),
                (_, c) => text.push(c),
            }
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rest is compared with a server's own values in `tests/adapters/postgres.rs`.
    #[test]
    fn what_cannot_be_read_stays_text() {
        let rows = [
            (types::DATE, "0044-03-15 BC"),
            (types::DATE, "20240-01-02"),
            (types::INTERVAL, "P1Y2M"),
            (types::BYTEA, "\\xzz"),
            (types::JSON, "{"),
            (types::NUMERIC, "123456789012345678901234567890123456789012"),
            (1007, "{1,2"),
            (3904, "[1"),
            (600, "(1,2)"),
        ];
        for (oid, text) in rows {
            let found = cell(oid, text);
            assert_eq!(found.to_string(), text, "{oid}");
        }
    }

    #[test]
    fn arrays_come_apart_whatever_their_items_hold() {
        let cell = cell(1009, r#"{a,"b,\"c\\",NULL,"NULL",{x}}"#);
        assert_eq!(cell.to_string(), r#"["a", "b,\"c\\", null, "NULL", ["x"]]"#);
    }
}
