//! Python's `datetime`: dates, times, durations and fixed offsets, with their arithmetic.
//! Microseconds are the smallest step, years go from 1 to 9999.

mod class;
mod date;
mod delta;
mod iso;
mod stamp;
mod strftime;
mod strptime;
mod time;
pub mod zone;

pub use date::Date;
pub use delta::Delta;
pub use stamp::Stamp;
pub use time::Time;

use crate::base::Context;
use crate::jinja::fail;
use class::Class;
use jiff::civil;
use minijinja::Error;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::sync::Arc;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// The names of `modules.datetime`.
pub fn module(context: &Arc<Context>) -> Value {
    let class = |make: fn(Arc<Context>) -> Class| Value::from_object(make(context.clone()));
    Value::from_pairs([
        ("date", class(date::class)),
        ("datetime", class(stamp::class)),
        ("time", class(time::class)),
        ("timedelta", class(delta::class)),
        ("timezone", class(zone::class)),
        ("tzinfo", class(zone::base_class)),
    ])
}

/// An aware datetime in UTC, such as `run_started_at`.
pub fn utc(context: &Context, at: jiff::Timestamp) -> Value {
    in_utc(at, context.time_zone.clone())
}

/// The same where nobody asks for the time of this machine, such as the ends of a batch.
pub fn of_instant(at: jiff::Timestamp) -> Value {
    in_utc(at, jiff::tz::TimeZone::UTC)
}

fn in_utc(at: jiff::Timestamp, local: jiff::tz::TimeZone) -> Value {
    let civil = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    Stamp::new(whole_micros(civil), Some(zone::Zone::PytzUtc), local).into()
}

/// A date out of a query.
pub fn of_date(date: civil::Date) -> Value {
    Date::new(date).into()
}

/// A datetime of no zone out of a query.
pub fn of_civil(at: civil::DateTime) -> Value {
    Stamp::new(whole_micros(at), None, jiff::tz::TimeZone::UTC).into()
}

/// A datetime with its offset out of a query.
pub fn of_zoned(at: &jiff::Zoned) -> Value {
    let seconds = i64::from(at.offset().seconds());
    Stamp::new(
        whole_micros(at.datetime()),
        Some(zone::Zone::fixed(seconds)),
        at.time_zone().clone(),
    )
    .into()
}

/// A date or a datetime from its ISO form; `None` for another text.
pub fn from_iso(text: &str) -> Option<Value> {
    if let Some(date) = iso::parse_date(text) {
        return Some(Date::new(date).into());
    }
    let (at, zone) = iso::parse_moment(text)?;
    Some(Stamp::new(at, zone, jiff::tz::TimeZone::UTC).into())
}

/// The Python name of a value's type, if it is one of this module's.
pub fn type_name(value: &Value) -> Option<&'static str> {
    let object = value.as_object()?;
    if object.is::<Stamp>() {
        Some("datetime.datetime")
    } else if object.is::<Date>() {
        Some("datetime.date")
    } else if object.is::<Time>() {
        Some("datetime.time")
    } else if object.is::<Delta>() {
        Some("datetime.timedelta")
    } else if object.is::<zone::Zone>() {
        Some("datetime.timezone")
    } else if object.is::<Class>() {
        Some("type")
    } else {
        None
    }
}

/// `a + b`; `None` where neither side is of this module, or Python does not add the two.
pub fn add(a: &Value, b: &Value) -> Option<Result<Value, Error>> {
    let (value, delta) = match (delta_of(a), delta_of(b)) {
        (Some(a), Some(b)) => return Some(Delta::from_micros(a.micros() + b.micros())),
        (None, Some(delta)) => (a, delta),
        (Some(delta), None) => (b, delta),
        (None, None) => return None,
    };
    shift(value, delta.micros())
}

/// `a - b`; `None` as in [`add`].
pub fn subtract(a: &Value, b: &Value) -> Option<Result<Value, Error>> {
    if let Some(delta) = delta_of(b) {
        return match delta_of(a) {
            Some(a) => Some(Delta::from_micros(a.micros() - delta.micros())),
            None => shift(a, -delta.micros()),
        };
    }
    if let (Some(a), Some(b)) = (stamp_of(a), stamp_of(b)) {
        return Some(a.since(b));
    }
    let (a, b) = (date_of(a)?, date_of(b)?);
    let days = day_number(a.date()) - day_number(b.date());
    Some(Delta::from_micros(i128::from(days * MICROS_PER_DAY)))
}

/// `a * b`, `a / b`, `a // b`, `a % b` with a duration; `None` as in [`add`].
pub fn scale(symbol: &str, a: &Value, b: &Value) -> Option<Result<Value, Error>> {
    delta::scale(symbol, a, b)
}

/// `-a` of a duration.
pub fn negate(a: &Value) -> Option<Result<Value, Error>> {
    Some(Delta::from_micros(-delta_of(a)?.micros()))
}

/// The order of two values of one type; `None` as in [`add`].
pub fn compare(a: &Value, b: &Value) -> Option<Result<Ordering, Error>> {
    if let (Some(a), Some(b)) = (stamp_of(a), stamp_of(b)) {
        return Some(a.compare(b));
    }
    if let (Some(a), Some(b)) = (date_of(a), date_of(b)) {
        return Some(Ok(a.date().cmp(&b.date())));
    }
    if let (Some(a), Some(b)) = (delta_of(a), delta_of(b)) {
        return Some(Ok(a.micros().cmp(&b.micros())));
    }
    if is_day(a) && is_day(b) {
        return Some(Err(fail(
            "can't compare datetime.datetime to datetime.date",
        )));
    }
    let time = |value: &Value| value.downcast_object::<Time>();
    Some(time(a)?.compare(&*time(b)?))
}

/// The text of a value by a format of `strftime`, for `'{:%Y}'.format(day)`.
pub fn format(value: &Value, format: &str) -> Option<String> {
    let moment = match (stamp_of(value), date_of(value)) {
        (Some(stamp), _) => stamp.moment(),
        (None, Some(date)) => date.moment(),
        (None, None) => value.downcast_object_ref::<Time>()?.moment(),
    };
    Some(strftime::strftime(&moment, format))
}

/// Whether the value is a date or a datetime.
pub fn is_day(value: &Value) -> bool {
    stamp_of(value).is_some() || date_of(value).is_some()
}

fn shift(value: &Value, micros: i128) -> Option<Result<Value, Error>> {
    if let Some(stamp) = stamp_of(value) {
        return Some(stamp.shifted(micros));
    }
    let days = micros.div_euclid(i128::from(MICROS_PER_DAY));
    Some(date_of(value)?.shifted(days))
}

fn stamp_of(value: &Value) -> Option<&Stamp> {
    value.downcast_object_ref()
}

fn date_of(value: &Value) -> Option<&Date> {
    value.downcast_object_ref()
}

fn delta_of(value: &Value) -> Option<&Delta> {
    value.downcast_object_ref()
}

/// Days since 0001-01-01, which is day 1, as Python's `toordinal` counts.
fn day_number(date: civil::Date) -> i64 {
    let first = civil::Date::constant(1, 1, 1);
    date.duration_since(first).as_hours() / 24 + 1
}

fn from_day_number(number: i64) -> Result<civil::Date, Error> {
    let first = civil::Date::constant(1, 1, 1);
    let days = jiff::SignedDuration::from_hours(number.saturating_sub(1).saturating_mul(24));
    first
        .checked_add(days)
        .ok()
        .filter(|date| date.year() >= 1)
        .ok_or_else(|| fail("date value out of range"))
}

/// Microseconds since midnight at the start of 0001-01-01.
fn micros_of(at: civil::DateTime) -> i64 {
    (day_number(at.date()) - 1) * MICROS_PER_DAY + micros_of_day(at.time())
}

fn from_micros(micros: i128) -> Result<civil::DateTime, Error> {
    let out_of_range = |_| fail("date value out of range");
    let day = micros.div_euclid(i128::from(MICROS_PER_DAY));
    let rest = micros.rem_euclid(i128::from(MICROS_PER_DAY)) as i64;
    let date = from_day_number(i64::try_from(day).map_err(out_of_range)?.saturating_add(1))?;
    Ok(date.to_datetime(time_of_day(rest)))
}

fn micros_of_day(time: civil::Time) -> i64 {
    let seconds =
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    seconds * MICROS_PER_SECOND + i64::from(time.subsec_nanosecond() / 1000)
}

/// `micros` counts from midnight and is less than a day.
fn time_of_day(micros: i64) -> civil::Time {
    let (seconds, rest) = (micros / MICROS_PER_SECOND, micros % MICROS_PER_SECOND);
    let part = |number: i64| i8::try_from(number).unwrap_or(0);
    civil::Time::constant(
        part(seconds / 3600),
        part(seconds / 60 % 60),
        part(seconds % 60),
        rest as i32 * 1000,
    )
}

fn whole_micros(at: civil::DateTime) -> civil::DateTime {
    at.date().to_datetime(time_of_day(micros_of_day(at.time())))
}

/// A field given as an argument, within its range.
fn field(name: &str, value: i64, range: std::ops::RangeInclusive<i64>) -> Result<i64, Error> {
    match range.contains(&value) {
        true => Ok(value),
        false if name == "year" => Err(fail(format!("year {value} is out of range"))),
        false => Err(fail(format!(
            "{name} must be in {}..{}",
            range.start(),
            range.end()
        ))),
    }
}

fn make_date(year: i64, month: i64, day: i64) -> Result<civil::Date, Error> {
    let year = field("year", year, 1..=9999)?;
    let month = field("month", month, 1..=12)?;
    let day = i8::try_from(day).unwrap_or(0);
    civil::Date::new(year as i16, month as i8, day)
        .map_err(|_| fail("day is out of range for month"))
}

fn make_time(hour: i64, minute: i64, second: i64, micros: i64) -> Result<civil::Time, Error> {
    let hour = field("hour", hour, 0..=23)?;
    let minute = field("minute", minute, 0..=59)?;
    let second = field("second", second, 0..=59)?;
    let micros = field("microsecond", micros, 0..=999_999)?;
    let seconds = hour * 3600 + minute * 60 + second;
    Ok(time_of_day(seconds * MICROS_PER_SECOND + micros))
}

/// `datetime.date(2024, 1, 2)`: a constructor call without the zeros at its end.
fn call_repr(name: &str, parts: &[i64], keep: usize, extra: Option<String>) -> String {
    let last = parts.iter().rposition(|part| *part != 0).unwrap_or(0);
    let shown = parts[..keep.max(last + 1).min(parts.len())].iter();
    let mut shown: Vec<String> = shown.map(i64::to_string).collect();
    shown.extend(extra);
    format!("datetime.{name}({})", shown.join(", "))
}
