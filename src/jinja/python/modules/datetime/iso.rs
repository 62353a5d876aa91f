//! ISO 8601, written as Python's `isoformat` and read as its `fromisoformat`.

use super::MICROS_PER_SECOND;
use super::make_date;
use super::make_time;
use super::zone::Zone;
use crate::jinja::fail;
use crate::jinja::python::repr;
use jiff::civil;
use minijinja::Error;
use minijinja::value::Value;

pub(super) fn date(date: civil::Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// `precision` is Python's `timespec`; by default microseconds where there are any.
pub(super) fn time(time: civil::Time, precision: Option<&Value>) -> Result<String, Error> {
    let micros = time.subsec_nanosecond() / 1000;
    let minutes = format!("{:02}:{:02}", time.hour(), time.minute());
    let seconds = format!("{minutes}:{:02}", time.second());
    let precision = precision.and_then(Value::as_str).unwrap_or("auto");
    match precision {
        "auto" if micros == 0 => Ok(seconds),
        "auto" | "microseconds" => Ok(format!("{seconds}.{micros:06}")),
        "milliseconds" => Ok(format!("{seconds}.{:03}", micros / 1000)),
        "seconds" => Ok(seconds),
        "minutes" => Ok(minutes),
        "hours" => Ok(format!("{:02}", time.hour())),
        _ => Err(fail("Unknown timespec value")),
    }
}

/// `+05:30`; seconds only where there are any; nothing without a zone.
pub(super) fn offset(zone: Option<&Zone>) -> String {
    zone.map_or(String::new(), |zone| {
        signed_offset(zone.offset_seconds(), ":")
    })
}

/// An offset with a separator between its parts.
pub(super) fn signed_offset(seconds: i64, separator: &str) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let size = seconds.abs();
    let mut text = format!("{sign}{:02}{separator}{:02}", size / 3600, size / 60 % 60);
    if size % 60 != 0 {
        text.push_str(&format!("{separator}{:02}", size % 60));
    }
    text
}

pub(super) fn invalid(text: &str) -> Error {
    fail(format!("Invalid isoformat string: {}", repr::quote(text)))
}

/// `2024-01-02`, `20240102`, `2024-W01-2`, `2024W012` or `2024-W01`.
pub(super) fn parse_date(text: &str) -> Option<civil::Date> {
    let year = number(text.get(..4)?)?;
    let rest = text.get(4..)?;
    if let Some(week) = rest.trim_start_matches('-').strip_prefix('W') {
        let dashed = rest.starts_with('-');
        let day = match (week.get(2..)?, dashed) {
            ("", _) => 1,
            (day, true) => number(day.strip_prefix('-')?)?,
            (day, false) => number(day)?,
        };
        return from_week(year, number(week.get(..2)?)?, day);
    }
    let (month, day) = match rest.strip_prefix('-') {
        Some(rest) => rest.split_once('-')?,
        None => rest.split_at_checked(2)?,
    };
    match (month.len(), day.len()) {
        (2, 2) => make_date(year, number(month)?, number(day)?).ok(),
        _ => None,
    }
}

/// The day of an ISO week; `None` where the year has no such week.
pub(super) fn from_week(year: i64, week: i64, day: i64) -> Option<civil::Date> {
    let weekday = civil::Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()?;
    let week =
        civil::ISOWeekDate::new(i16::try_from(year).ok()?, i8::try_from(week).ok()?, weekday);
    Some(week.ok()?.date())
}

/// `03:04`, `03:04:05.123`, `030405`, each with an offset or `Z` behind it.
pub(super) fn parse_time(text: &str) -> Option<(civil::Time, Option<Zone>)> {
    let (clock, zone) = match text.find(['+', '-', 'Z', 'z']) {
        Some(at) => (&text[..at], Some(parse_offset(&text[at..])?)),
        None => (text, None),
    };
    let (seconds, micros) = parse_clock(clock)?;
    let time = make_time(seconds / 3600, seconds / 60 % 60, seconds % 60, micros).ok()?;
    Some((time, zone))
}

/// Day and time with any one character between them; a day alone is midnight.
pub(super) fn parse_moment(text: &str) -> Option<(civil::DateTime, Option<Zone>)> {
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    for end in ends
        .filter(|at| (7..=10).contains(at))
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let Some(date) = parse_date(&text[..end]) else {
            continue;
        };
        let mut rest = text[end..].chars();
        if rest.next().is_none() {
            return Some((date.to_datetime(civil::Time::midnight()), None));
        }
        if let Some((time, zone)) = parse_time(rest.as_str()) {
            return Some((date.to_datetime(time), zone));
        }
    }
    None
}

fn parse_offset(text: &str) -> Option<Zone> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Zone::Utc);
    }
    let (sign, clock) = match text.strip_prefix('-') {
        Some(clock) => (-1, clock),
        None => (1, text.strip_prefix('+')?),
    };
    let (seconds, micros) = parse_clock(clock)?;
    match (seconds, micros) {
        (0, 0) => Some(Zone::Utc),
        _ => Some(Zone::fixed(sign * seconds)),
    }
}

/// Seconds since midnight, and microseconds.
fn parse_clock(text: &str) -> Option<(i64, i64)> {
    let (clock, fraction) = match text.find(['.', ',']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let parts: Vec<&str> = match clock.contains(':') {
        true => clock.split(':').collect(),
        false => (0..clock.len())
            .step_by(2)
            .map(|at| clock.get(at..at + 2))
            .collect::<Option<_>>()?,
    };
    if parts.is_empty() || parts.len() > 3 || parts.iter().any(|part| part.len() != 2) {
        return None;
    }
    let mut seconds = 0;
    for (at, limit) in [24, 60, 60].into_iter().enumerate() {
        let part = parts.get(at).map_or(Some(0), |part| number(part))?;
        if part >= limit {
            return None;
        }
        seconds = seconds * 60 + part;
    }
    let micros = match fraction {
        None => 0,
        Some(_) if parts.len() != 3 => return None,
        Some(digits) => {
            number(&format!("{digits:0<6}")[..6]).filter(|_| number(digits).is_some())?
        }
    };
    debug_assert!(micros < MICROS_PER_SECOND);
    Some((seconds, micros))
}

fn number(text: &str) -> Option<i64> {
    match !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => text.parse().ok(),
        false => None,
    }
}
