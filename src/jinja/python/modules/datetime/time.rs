//! `time`: a time of day.

use super::MICROS_PER_SECOND;
use super::call_repr;
use super::class::Class;
use super::iso;
use super::make_time;
use super::micros_of_day;
use super::strftime::Moment;
use super::strftime::strftime;
use super::time_of_day;
use super::zone::Zone;
use super::zone::zone_argument;
use crate::base::Context;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::methods;
use jiff::civil;
use minijinja::Error;
use minijinja::State;
use minijinja::value::DynObject;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

const FIELDS: [&str; 5] = ["hour", "minute", "second", "microsecond", "tzinfo"];

#[derive(Debug, Clone)]
pub struct Time {
    time: civil::Time,
    zone: Option<Zone>,
}

pub(super) fn class(context: Arc<Context>) -> Class {
    Class {
        name: "datetime.time",
        context,
        make: Some(make),
        method: |_, name, args| match name {
            "fromisoformat" => Some(bind(name, ["time_string"], args).and_then(|[given]| {
                let given = text(name, &required(name, "time_string", given)?)?;
                let found = iso::parse_time(given.trim_start_matches('T'));
                let (time, zone) = found.ok_or_else(|| iso::invalid(&given))?;
                Ok(Time::new(time, zone).into())
            })),
            _ => None,
        },
        constant: |_, name| match name {
            "min" => Some(Time::new(civil::Time::midnight(), None).into()),
            "max" => Some(Time::new(time_of_day(86_400 * MICROS_PER_SECOND - 1), None).into()),
            _ => None,
        },
    }
}

impl Time {
    pub fn new(time: civil::Time, zone: Option<Zone>) -> Self {
        Time { time, zone }
    }

    pub(super) fn time(&self) -> civil::Time {
        self.time
    }

    pub(super) fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }

    /// Python formats a time as one of 1900-01-01.
    pub(super) fn moment(&self) -> Moment {
        Moment {
            at: civil::Date::constant(1900, 1, 1).to_datetime(self.time),
            zone: self.zone.clone(),
        }
    }

    pub(super) fn compare(&self, other: &Time) -> Result<Ordering, Error> {
        match self.zone.is_some() == other.zone.is_some() {
            true => Ok(self.utc_micros().cmp(&other.utc_micros())),
            false => Err(fail("can't compare offset-naive and offset-aware times")),
        }
    }

    fn utc_micros(&self) -> i64 {
        let offset = self.zone.as_ref().map_or(0, Zone::offset_seconds);
        micros_of_day(self.time) - offset * MICROS_PER_SECOND
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Value::from_object(time)
    }
}

impl Object for Time {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        attribute(self.time, self.zone.as_ref(), key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "isoformat" => {
                let [precision] = bind(method, ["timespec"], args)?;
                let time = iso::time(self.time, precision.as_ref())?;
                Ok(Value::from(time + &iso::offset(self.zone.as_ref())))
            }
            "strftime" => {
                let [format] = bind(method, ["format"], args)?;
                let format = text(method, &required(method, "format", format)?)?;
                Ok(Value::from(strftime(&self.moment(), &format)))
            }
            "replace" => self.replace(args),
            _ => zone_method(self.zone.as_ref(), method, args).unwrap_or_else(|| {
                let this = Value::from_dyn_object(self.clone());
                Err(methods::unknown(&this, method))
            }),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Time>()?;
        let kind = self.zone.is_some().cmp(&other.zone.is_some());
        Some(kind.then(self.utc_micros().cmp(&other.utc_micros())))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => {
                let zone = self
                    .zone
                    .as_ref()
                    .map(|zone| format!("tzinfo={}", zone.python_repr()));
                f.write_str(&call_repr("time", &parts(self.time), 2, zone))
            }
            false => {
                let time = iso::time(self.time, None).map_err(|_| fmt::Error)?;
                write!(f, "{time}{}", iso::offset(self.zone.as_ref()))
            }
        }
    }
}

impl Time {
    fn replace(&self, args: &[Value]) -> Result<Value, Error> {
        let [hour, minute, second, micros, zone] = bind("replace", FIELDS, args)?;
        let time = replaced(self.time, [&hour, &minute, &second, &micros])?;
        let zone = match zone {
            Some(zone) => zone_argument(&zone)?,
            None => self.zone.clone(),
        };
        Ok(Time::new(time, zone).into())
    }
}

/// What `time` and `datetime` share.
pub(super) fn attribute(time: civil::Time, zone: Option<&Zone>, name: &str) -> Option<Value> {
    match name {
        "hour" => Some(Value::from(time.hour())),
        "minute" => Some(Value::from(time.minute())),
        "second" => Some(Value::from(time.second())),
        "microsecond" => Some(Value::from(time.subsec_nanosecond() / 1000)),
        "tzinfo" => Some(zone.map_or(Value::from(()), |zone| zone.clone().into())),
        _ => None,
    }
}

/// `utcoffset`, `dst` and `tzname`, which are `None` without a zone; `None` for other methods.
pub(super) fn zone_method(
    zone: Option<&Zone>,
    name: &str,
    args: &[Value],
) -> Option<Result<Value, Error>> {
    let answer = match name {
        "utcoffset" => zone.map(Zone::utcoffset),
        "dst" => zone.map(Zone::dst),
        "tzname" => zone.map(|zone| Ok(Value::from(zone.abbreviation()))),
        _ => return None,
    };
    let none = || Ok(Value::from(()));
    Some(bind(name, [], args).and_then(|_| answer.unwrap_or_else(none)))
}

pub(super) fn replaced(
    time: civil::Time,
    fields: [&Option<Value>; 4],
) -> Result<civil::Time, Error> {
    let old = parts(time);
    let part = |at: usize| int_or(fields[at].as_ref(), old[at]);
    make_time(part(0)?, part(1)?, part(2)?, part(3)?)
}

pub(super) fn parts(time: civil::Time) -> [i64; 4] {
    [
        i64::from(time.hour()),
        i64::from(time.minute()),
        i64::from(time.second()),
        i64::from(time.subsec_nanosecond() / 1000),
    ]
}

fn make(_: &Context, args: &[Value]) -> Result<Value, Error> {
    let [hour, minute, second, micros, zone] = bind("time", FIELDS, args)?;
    let time = replaced(civil::Time::midnight(), [&hour, &minute, &second, &micros])?;
    let zone = zone.map_or(Ok(None), |zone| zone_argument(&zone))?;
    Ok(Time::new(time, zone).into())
}
