//! `datetime`: a day and a time, with or without a zone.

use super::Date;
use super::Delta;
use super::MICROS_PER_SECOND;
use super::Time;
use super::call_repr;
use super::class::Class;
use super::date;
use super::date_of;
use super::from_micros;
use super::iso;
use super::make_date;
use super::micros_of;
use super::stamp_of;
use super::strftime::Moment;
use super::strptime::strptime;
use super::time;
use super::time_of_day;
use super::whole_micros;
use super::zone::Zone;
use super::zone::zone_argument;
use crate::base::Context;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::methods;
use crate::jinja::python::numbers::Number;
use crate::jinja::python::type_name;
use jiff::civil;
use jiff::tz::TimeZone;
use minijinja::Error;
use minijinja::State;
use minijinja::value::DynObject;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

const FIELDS: [&str; 8] = [
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "microsecond",
    "tzinfo",
];

#[derive(Debug, Clone)]
pub struct Stamp {
    at: civil::DateTime,
    zone: Option<Zone>,
    /// What a time without a zone is understood in.
    local: TimeZone,
}

pub(super) fn class(context: Arc<Context>) -> Class {
    Class {
        name: "datetime.datetime",
        context,
        make: Some(make),
        method: class_method,
        constant: |context, name| {
            let at = match name {
                "min" => civil::DateTime::constant(1, 1, 1, 0, 0, 0, 0),
                "max" => civil::Date::constant(9999, 12, 31)
                    .to_datetime(time_of_day(86_400 * MICROS_PER_SECOND - 1)),
                _ => return None,
            };
            Some(Stamp::new(at, None, context.time_zone.clone()).into())
        },
    }
}

/// The wall clock of the local zone.
pub(super) fn local_now(context: &Context) -> Result<civil::DateTime, Error> {
    Ok(whole_micros(context.time_zone.to_datetime(context.now())))
}

/// The local wall clock at a number of seconds since 1970.
pub(super) fn local_time(context: &Context, seconds: &Value) -> Result<civil::DateTime, Error> {
    let utc = from_epoch(seconds)?;
    Ok(context.time_zone.to_datetime(instant(utc)?))
}

impl Stamp {
    pub fn new(at: civil::DateTime, zone: Option<Zone>, local: TimeZone) -> Self {
        Stamp { at, zone, local }
    }

    pub fn at(&self) -> civil::DateTime {
        self.at
    }

    pub fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    pub(super) fn with_zone(&self, zone: Option<Zone>) -> Stamp {
        Stamp::new(self.at, zone, self.local.clone())
    }

    /// The same instant on the clock of another zone.
    pub(super) fn in_zone(&self, zone: &Zone) -> Result<Stamp, Error> {
        let utc = from_micros(i128::from(self.utc_micros()?))?;
        let zone = zone.at_utc(utc);
        let offset = zone.offset_seconds() * MICROS_PER_SECOND;
        let at = from_micros(i128::from(micros_of(utc) + offset))?;
        Ok(Stamp::new(at, Some(zone), self.local.clone()))
    }

    /// The zone stays, whatever its clocks do in between.
    pub(super) fn shifted(&self, micros: i128) -> Result<Value, Error> {
        let at = from_micros(i128::from(micros_of(self.at)) + micros)?;
        Ok(Stamp::new(at, self.zone.clone(), self.local.clone()).into())
    }

    pub(super) fn since(&self, earlier: &Stamp) -> Result<Value, Error> {
        let same_kind = self.zone.is_some() == earlier.zone.is_some();
        match same_kind {
            true => Delta::from_micros(i128::from(self.comparable() - earlier.comparable())),
            false => Err(fail(
                "can't subtract offset-naive and offset-aware datetimes",
            )),
        }
    }

    pub(super) fn compare(&self, other: &Stamp) -> Result<Ordering, Error> {
        match self.zone.is_some() == other.zone.is_some() {
            true => Ok(self.comparable().cmp(&other.comparable())),
            false => Err(fail(
                "can't compare offset-naive and offset-aware datetimes",
            )),
        }
    }

    /// Microseconds in UTC for an aware time, on its own clock for a naive one.
    fn comparable(&self) -> i64 {
        let offset = self.zone.as_ref().map_or(0, Zone::offset_seconds);
        micros_of(self.at) - offset * MICROS_PER_SECOND
    }

    /// Microseconds in UTC since the start of year 1; a naive time is one of the local zone.
    fn utc_micros(&self) -> Result<i64, Error> {
        if self.zone.is_some() {
            return Ok(self.comparable());
        }
        let at = self.local.to_ambiguous_timestamp(self.at).compatible();
        let at = at.map_err(|_| fail("date value out of range"))?;
        Ok(micros_of(whole_micros(TimeZone::UTC.to_datetime(at))))
    }

    /// Seconds since 1970.
    fn timestamp(&self) -> Result<f64, Error> {
        Ok((self.utc_micros()? - epoch()) as f64 / MICROS_PER_SECOND as f64)
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            at: self.at,
            zone: self.zone.clone(),
        }
    }

    fn isoformat(&self, separator: &str, precision: Option<&Value>) -> Result<String, Error> {
        let date = iso::date(self.at.date());
        let time = iso::time(self.at.time(), precision)?;
        let offset = iso::offset(self.zone.as_ref());
        Ok(format!("{date}{separator}{time}{offset}"))
    }

    fn replace(&self, args: &[Value]) -> Result<Value, Error> {
        let [year, month, day, hour, minute, second, micros, zone] = bind("replace", FIELDS, args)?;
        let date = date::replaced(self.at.date(), &year, &month, &day)?;
        let time = time::replaced(self.at.time(), [&hour, &minute, &second, &micros])?;
        let zone = match zone {
            Some(zone) => zone_argument(&zone)?,
            None => self.zone.clone(),
        };
        Ok(Stamp::new(date.to_datetime(time), zone, self.local.clone()).into())
    }

    fn astimezone(&self, args: &[Value]) -> Result<Value, Error> {
        let [zone] = bind("astimezone", ["tz"], args)?;
        let zone = match zone {
            Some(zone) => zone_argument(&zone)?,
            None => None,
        };
        match zone {
            Some(zone) => Ok(self.in_zone(&zone)?.into()),
            None => self.in_local_zone(),
        }
    }

    fn in_local_zone(&self) -> Result<Value, Error> {
        let utc = instant(from_micros(i128::from(self.utc_micros()?))?)?;
        let info = self.local.to_offset_info(utc);
        let zone = Zone::Fixed {
            seconds: i64::from(info.offset().seconds()),
            name: Some(Arc::from(info.abbreviation())),
        };
        Ok(self.in_zone(&zone)?.into())
    }

    fn python_repr(&self) -> String {
        let zone = self
            .zone
            .as_ref()
            .map(|zone| format!("tzinfo={}", zone.python_repr()));
        let parts: Vec<i64> = date::parts(self.at.date())
            .into_iter()
            .chain(time::parts(self.at.time()))
            .collect();
        call_repr("datetime", &parts, 5, zone)
    }
}

impl From<Stamp> for Value {
    fn from(stamp: Stamp) -> Self {
        Value::from_object(stamp)
    }
}

impl Object for Stamp {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        date::attribute(self.at.date(), name)
            .or_else(|| time::attribute(self.at.time(), self.zone.as_ref(), name))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let plain = |answer: Value| bind(method, [], args).map(|_| answer);
        match method {
            "isoformat" => {
                let [separator, precision] = bind(method, ["sep", "timespec"], args)?;
                let separator = separator.map_or(Ok("T".to_string()), |sep| text(method, &sep))?;
                self.isoformat(&separator, precision.as_ref())
                    .map(Value::from)
            }
            "replace" => self.replace(args),
            "astimezone" => self.astimezone(args),
            "date" => plain(Date::new(self.at.date()).into()),
            "time" => plain(Time::new(self.at.time(), None).into()),
            "timetz" => plain(Time::new(self.at.time(), self.zone.clone()).into()),
            "timestamp" => plain(Value::from(self.timestamp()?)),
            "utctimetuple" => {
                let utc = Moment {
                    at: from_micros(i128::from(self.comparable()))?,
                    zone: Some(Zone::Utc),
                };
                date::call(&utc, "timetuple", args).unwrap_or_else(|| Err(self.unknown(method)))
            }
            _ => date::call(&self.moment(), method, args)
                .or_else(|| time::zone_method(self.zone.as_ref(), method, args))
                .unwrap_or_else(|| Err(self.unknown(method))),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Stamp>()?;
        let kind = self.zone.is_some().cmp(&other.zone.is_some());
        Some(kind.then(self.comparable().cmp(&other.comparable())))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f.write_str(&self.python_repr()),
            false => f.write_str(&self.isoformat(" ", None).map_err(|_| fmt::Error)?),
        }
    }
}

impl Stamp {
    fn unknown(&self, method: &str) -> Error {
        methods::unknown(&Value::from(self.clone()), method)
    }
}

fn make(context: &Context, args: &[Value]) -> Result<Value, Error> {
    let [year, month, day, hour, minute, second, micros, zone] = bind("datetime", FIELDS, args)?;
    let part = |name, value| int(&required("datetime", name, value)?);
    let date = make_date(
        part("year", year)?,
        part("month", month)?,
        part("day", day)?,
    )?;
    let fields = [&hour, &minute, &second, &micros];
    let time = time::replaced(civil::Time::midnight(), fields)?;
    let zone = zone.map_or(Ok(None), |zone| zone_argument(&zone))?;
    Ok(Stamp::new(date.to_datetime(time), zone, context.time_zone.clone()).into())
}

fn class_method(context: &Context, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let naive = |at: civil::DateTime| Value::from(Stamp::new(at, None, context.time_zone.clone()));
    let answer = match name {
        "today" => bind(name, [], args)
            .and_then(|_| local_now(context))
            .map(naive),
        "utcnow" => bind(name, [], args)
            .map(|_| naive(whole_micros(TimeZone::UTC.to_datetime(context.now())))),
        "now" => bind(name, ["tz"], args).and_then(|[zone]| {
            let now = whole_micros(TimeZone::UTC.to_datetime(context.now()));
            in_given_zone(context, now, zone)
        }),
        "fromtimestamp" => bind(name, ["timestamp", "tz"], args).and_then(|[at, zone]| {
            in_given_zone(
                context,
                from_epoch(&required(name, "timestamp", at)?)?,
                zone,
            )
        }),
        "utcfromtimestamp" => bind(name, ["timestamp"], args)
            .and_then(|[at]| from_epoch(&required(name, "timestamp", at)?))
            .map(naive),
        "combine" => combine(context, args),
        "fromisoformat" => bind(name, ["date_string"], args).and_then(|[given]| {
            let given = text(name, &required(name, "date_string", given)?)?;
            let (at, zone) = iso::parse_moment(&given).ok_or_else(|| iso::invalid(&given))?;
            Ok(Stamp::new(at, zone, context.time_zone.clone()).into())
        }),
        "strptime" => parse(context, args),
        _ => {
            let date = date::parse_class_method(name, args)?;
            date.map(|date| naive(date.to_datetime(civil::Time::midnight())))
        }
    };
    Some(answer)
}

/// An instant on the clock of a zone, or on the local clock without one.
fn in_given_zone(
    context: &Context,
    utc: civil::DateTime,
    zone: Option<Value>,
) -> Result<Value, Error> {
    let zone = zone.map_or(Ok(None), |zone| zone_argument(&zone))?;
    let local = context.time_zone.clone();
    match zone {
        Some(zone) => Ok(Stamp::new(utc, Some(Zone::Utc), local)
            .in_zone(&zone)?
            .into()),
        None => {
            let at = local.to_datetime(instant(utc)?);
            Ok(Stamp::new(at, None, local).into())
        }
    }
}

fn combine(context: &Context, args: &[Value]) -> Result<Value, Error> {
    let [day, clock, zone] = bind("combine", ["date", "time", "tzinfo"], args)?;
    let day = required("combine", "date", day)?;
    let clock = required("combine", "time", clock)?;
    let date = match (date_of(&day), stamp_of(&day)) {
        (Some(date), _) => date.date(),
        (None, Some(stamp)) => stamp.at().date(),
        (None, None) => return Err(wrong_argument(1, "date", &day)),
    };
    let Some(time) = clock.downcast_object_ref::<Time>() else {
        return Err(wrong_argument(2, "time", &clock));
    };
    let zone = match zone {
        Some(zone) => zone_argument(&zone)?,
        None => time.zone().cloned(),
    };
    let at = date.to_datetime(time.time());
    Ok(Stamp::new(at, zone, context.time_zone.clone()).into())
}

fn wrong_argument(position: usize, wanted: &str, found: &Value) -> Error {
    fail(format!(
        "combine() argument {position} must be datetime.{wanted}, not {}",
        type_name(found)
    ))
}

fn parse(context: &Context, args: &[Value]) -> Result<Value, Error> {
    let [given, format] = bind("strptime", ["date_string", "format"], args)?;
    let given = text("strptime", &required("strptime", "date_string", given)?)?;
    let format = text("strptime", &required("strptime", "format", format)?)?;
    let moment = strptime(&given, &format)?;
    Ok(Stamp::new(moment.at, moment.zone, context.time_zone.clone()).into())
}

/// Seconds since 1970, fractions rounded to microseconds, as a time in UTC.
fn from_epoch(seconds: &Value) -> Result<civil::DateTime, Error> {
    let micros = match Number::of(seconds) {
        Some(Number::Int(int)) => int.saturating_mul(i128::from(MICROS_PER_SECOND)),
        Some(Number::Float(float)) => (float * MICROS_PER_SECOND as f64).round_ties_even() as i128,
        None => {
            return Err(fail(format!(
                "'{}' object cannot be interpreted as an integer",
                type_name(seconds)
            )));
        }
    };
    from_micros(micros.saturating_add(i128::from(epoch())))
}

fn epoch() -> i64 {
    micros_of(civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0))
}

fn instant(utc: civil::DateTime) -> Result<jiff::Timestamp, Error> {
    TimeZone::UTC
        .to_timestamp(utc)
        .map_err(|_| fail("date value out of range"))
}
