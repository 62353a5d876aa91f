//! `date`: a day of the calendar.

use super::call_repr;
use super::class::Class;
use super::day_number;
use super::from_day_number;
use super::iso;
use super::make_date;
use super::stamp;
use super::strftime::Moment;
use super::strftime::strftime;
use crate::base::Context;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::args::text;
use crate::jinja::python::methods;
use crate::jinja::python::named::NamedTuple;
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    date: civil::Date,
}

pub(super) fn class(context: Arc<Context>) -> Class {
    Class {
        name: "datetime.date",
        context,
        make: Some(|_, args| {
            let [year, month, day] = bind("date", ["year", "month", "day"], args)?;
            let part = |name, value| int(&required("date", name, value)?);
            let (year, month, day) = (
                part("year", year)?,
                part("month", month)?,
                part("day", day)?,
            );
            Ok(Date::new(make_date(year, month, day)?).into())
        }),
        method: class_method,
        constant: |_, name| match name {
            "min" => Some(Date::new(civil::Date::constant(1, 1, 1)).into()),
            "max" => Some(Date::new(civil::Date::constant(9999, 12, 31)).into()),
            _ => None,
        },
    }
}

impl Date {
    pub fn new(date: civil::Date) -> Self {
        Date { date }
    }

    pub fn date(self) -> civil::Date {
        self.date
    }

    pub(super) fn moment(self) -> Moment {
        Moment {
            at: self.date.to_datetime(civil::Time::midnight()),
            zone: None,
        }
    }

    pub(super) fn shifted(self, days: i128) -> Result<Value, Error> {
        let days = i64::try_from(days).map_err(|_| fail("date value out of range"))?;
        let number = day_number(self.date).saturating_add(days);
        Ok(Date::new(from_day_number(number)?).into())
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Value::from_object(date)
    }
}

impl Object for Date {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        attribute(self.date, key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let answer = match method {
            "replace" => Some(self.replace(args)),
            "isoformat" => Some(bind(method, [], args).map(|_| Value::from(self.to_string()))),
            _ => call(&self.moment(), method, args),
        };
        answer.unwrap_or_else(|| Err(methods::unknown(&Value::from(**self), method)))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.date.cmp(&other.downcast_ref::<Date>()?.date))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f.write_str(&call_repr("date", &parts(self.date), 3, None)),
            false => fmt::Display::fmt(&**self, f),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&iso::date(self.date))
    }
}

impl Date {
    fn replace(self, args: &[Value]) -> Result<Value, Error> {
        let [year, month, day] = bind("replace", ["year", "month", "day"], args)?;
        Ok(Date::new(replaced(self.date, &year, &month, &day)?).into())
    }
}

/// What `date` and `datetime` share.
pub(super) fn attribute(date: civil::Date, name: &str) -> Option<Value> {
    match name {
        "year" => Some(Value::from(date.year())),
        "month" => Some(Value::from(date.month())),
        "day" => Some(Value::from(date.day())),
        _ => None,
    }
}

/// Methods that `date` and `datetime` share; `None` for others.
pub(super) fn call(moment: &Moment, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let date = moment.at.date();
    let plain = |answer: Value| bind(name, [], args).map(|_| answer);
    let answer = match name {
        "strftime" => format(moment, args),
        "ctime" => plain(Value::from(strftime(moment, "%a %b %e %H:%M:%S %Y"))),
        "toordinal" => plain(Value::from(day_number(date))),
        "weekday" => plain(Value::from(date.weekday().to_monday_zero_offset())),
        "isoweekday" => plain(Value::from(date.weekday().to_monday_one_offset())),
        "isocalendar" => plain(iso_calendar(date)),
        "timetuple" => plain(time_tuple(moment)),
        _ => return None,
    };
    Some(answer)
}

/// Class methods that `date` and `datetime` share, as day and time; `None` for others.
pub(super) fn parse_class_method(name: &str, args: &[Value]) -> Option<Result<civil::Date, Error>> {
    match name {
        "fromordinal" => Some(bind(name, ["ordinal"], args).and_then(|[ordinal]| {
            let ordinal = int(&required(name, "ordinal", ordinal)?)?;
            match ordinal >= 1 {
                true => from_day_number(ordinal),
                false => Err(fail("ordinal must be >= 1")),
            }
        })),
        "fromisocalendar" => Some(from_iso_calendar(args)),
        _ => None,
    }
}

pub(super) fn replaced(
    date: civil::Date,
    year: &Option<Value>,
    month: &Option<Value>,
    day: &Option<Value>,
) -> Result<civil::Date, Error> {
    make_date(
        int_or(year.as_ref(), i64::from(date.year()))?,
        int_or(month.as_ref(), i64::from(date.month()))?,
        int_or(day.as_ref(), i64::from(date.day()))?,
    )
}

pub(super) fn parts(date: civil::Date) -> [i64; 3] {
    [
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
    ]
}

fn class_method(context: &Context, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let answer = match name {
        "today" => bind(name, [], args)
            .and_then(|_| stamp::local_now(context))
            .map(|now| now.date()),
        "fromtimestamp" => bind(name, ["timestamp"], args)
            .and_then(|[at]| stamp::local_time(context, &required(name, "timestamp", at)?))
            .map(|at| at.date()),
        "fromisoformat" => bind(name, ["date_string"], args).and_then(|[given]| {
            let given = text(name, &required(name, "date_string", given)?)?;
            iso::parse_date(&given).ok_or_else(|| iso::invalid(&given))
        }),
        _ => return parse_class_method(name, args).map(|date| Ok(Date::new(date?).into())),
    };
    Some(answer.map(|date| Date::new(date).into()))
}

fn format(moment: &Moment, args: &[Value]) -> Result<Value, Error> {
    let [format] = bind("strftime", ["format"], args)?;
    let format = text("strftime", &required("strftime", "format", format)?)?;
    Ok(Value::from(strftime(moment, &format)))
}

fn iso_calendar(date: civil::Date) -> Value {
    let week = date.iso_week_date();
    NamedTuple::value(
        &["year", "week", "weekday"],
        vec![
            Value::from(week.year()),
            Value::from(week.week()),
            Value::from(week.weekday().to_monday_one_offset()),
        ],
    )
}

fn from_iso_calendar(args: &[Value]) -> Result<civil::Date, Error> {
    let [year, week, day] = bind("fromisocalendar", ["year", "week", "day"], args)?;
    let part = |name, value| int(&required("fromisocalendar", name, value)?);
    let (year, week, day) = (part("year", year)?, part("week", week)?, part("day", day)?);
    if !(1..=7).contains(&day) {
        return Err(fail(format!("Invalid weekday: {day} (range is [1, 7])")));
    }
    iso::from_week(year, week, day).ok_or_else(|| fail(format!("Invalid week: {week}")))
}

fn time_tuple(moment: &Moment) -> Value {
    let (date, time) = (moment.at.date(), moment.at.time());
    let numbers = [
        i64::from(date.year()),
        i64::from(date.month()),
        i64::from(date.day()),
        i64::from(time.hour()),
        i64::from(time.minute()),
        i64::from(time.second()),
        i64::from(date.weekday().to_monday_zero_offset()),
        i64::from(date.day_of_year()),
        moment
            .zone
            .as_ref()
            .map_or(-1, |zone| i64::from(zone.dst_seconds() != 0)),
    ];
    const NAMES: &[&str] = &[
        "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday",
        "tm_isdst",
    ];
    NamedTuple::value(NAMES, numbers.map(Value::from).to_vec())
}
