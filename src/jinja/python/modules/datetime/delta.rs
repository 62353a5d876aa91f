//! `timedelta`: a duration in microseconds.

use super::MICROS_PER_DAY;
use super::MICROS_PER_SECOND;
use super::class::Class;
use super::delta_of;
use crate::base::Context;
use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::methods;
use crate::jinja::python::numbers::Number;
use crate::jinja::python::numbers::int_value;
use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::State;
use minijinja::value::DynObject;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// More days than this Python refuses, in both directions.
const MAX_DAYS: i128 = 999_999_999;

const UNITS: [&str; 7] = [
    "days",
    "seconds",
    "microseconds",
    "milliseconds",
    "minutes",
    "hours",
    "weeks",
];

const MICROS_PER_UNIT: [i64; 7] = [
    MICROS_PER_DAY,
    MICROS_PER_SECOND,
    1,
    1000,
    60 * MICROS_PER_SECOND,
    3600 * MICROS_PER_SECOND,
    7 * MICROS_PER_DAY,
];

/// A duration, negative ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delta {
    micros: i128,
}

pub(super) fn class(context: Arc<Context>) -> Class {
    Class {
        name: "datetime.timedelta",
        context,
        make: Some(make),
        method: |_, _, _| None,
        constant: |_, name| match name {
            "min" => Some(Value::from_object(Delta {
                micros: -MAX_DAYS * i128::from(MICROS_PER_DAY),
            })),
            "max" => Some(Value::from_object(Delta {
                micros: (MAX_DAYS + 1) * i128::from(MICROS_PER_DAY) - 1,
            })),
            "resolution" => Some(Value::from_object(Delta { micros: 1 })),
            _ => None,
        },
    }
}

impl Delta {
    /// Fails beyond 999,999,999 days.
    pub fn from_micros(micros: i128) -> Result<Value, Error> {
        let days = micros.div_euclid(i128::from(MICROS_PER_DAY));
        match (-MAX_DAYS..=MAX_DAYS).contains(&days) {
            true => Ok(Value::from_object(Delta { micros })),
            false => Err(fail(format!(
                "days={days}; must have magnitude <= {MAX_DAYS}"
            ))),
        }
    }

    pub fn micros(self) -> i128 {
        self.micros
    }

    /// Days (which carry the sign), seconds and microseconds, the latter two from 0.
    fn parts(self) -> (i128, i64, i64) {
        let days = self.micros.div_euclid(i128::from(MICROS_PER_DAY));
        let rest = self.micros.rem_euclid(i128::from(MICROS_PER_DAY)) as i64;
        (days, rest / MICROS_PER_SECOND, rest % MICROS_PER_SECOND)
    }
}

/// `a * b`, `a / b`, `a // b`, `a % b` where a side is a duration.
pub(super) fn scale(symbol: &str, a: &Value, b: &Value) -> Option<Result<Value, Error>> {
    match (symbol, delta_of(a), delta_of(b)) {
        ("*", Some(delta), None) => Some(times(delta.micros, Number::of(b)?)),
        ("*", None, Some(delta)) => Some(times(delta.micros, Number::of(a)?)),
        ("*", _, _) => None,
        (_, Some(_), Some(b)) if b.micros == 0 => Some(Err(by_zero(symbol))),
        ("/", Some(a), Some(b)) => Some(Ok(Value::from(a.micros as f64 / b.micros as f64))),
        ("//", Some(a), Some(b)) => Some(Ok(int_value(floor_div(a.micros, b.micros)))),
        ("%", Some(a), Some(b)) => {
            let rest = a.micros - b.micros * floor_div(a.micros, b.micros);
            Some(Delta::from_micros(rest))
        }
        ("/" | "//", Some(a), None) => Some(divided(symbol, a.micros, Number::of(b)?)),
        _ => None,
    }
}

impl Object for Delta {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.micros != 0
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (days, seconds, micros) = self.parts();
        match key.as_str()? {
            "days" => Some(int_value(days)),
            "seconds" => Some(Value::from(seconds)),
            "microseconds" => Some(Value::from(micros)),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "total_seconds" => bind(method, [], args)
                .map(|_| Value::from(self.micros as f64 / MICROS_PER_SECOND as f64)),
            _ => Err(methods::unknown(
                &Value::from_dyn_object(self.clone()),
                method,
            )),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.micros.cmp(&other.downcast_ref::<Delta>()?.micros))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f.write_str(&self.python_repr()),
            false => fmt::Display::fmt(&**self, f),
        }
    }
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds, micros) = self.parts();
        if days != 0 {
            let s = if days.abs() == 1 { "" } else { "s" };
            write!(f, "{days} day{s}, ")?;
        }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        write!(f, "{hours}:{minutes:02}:{:02}", seconds % 60)?;
        if micros != 0 {
            write!(f, ".{micros:06}")?;
        }
        Ok(())
    }
}

impl Delta {
    pub(super) fn python_repr(self) -> String {
        let (days, seconds, micros) = self.parts();
        let parts = [
            ("days", days),
            ("seconds", i128::from(seconds)),
            ("microseconds", i128::from(micros)),
        ];
        let shown = parts.iter().filter(|(_, number)| *number != 0);
        let shown: Vec<String> = shown.map(|(name, n)| format!("{name}={n}")).collect();
        match shown.is_empty() {
            true => "datetime.timedelta(0)".to_string(),
            false => format!("datetime.timedelta({})", shown.join(", ")),
        }
    }
}

fn make(_: &Context, args: &[Value]) -> Result<Value, Error> {
    let given = bind("timedelta", UNITS, args)?;
    let mut whole: i128 = 0;
    let mut fraction = 0.0;
    for ((unit, micros), value) in UNITS.iter().zip(MICROS_PER_UNIT).zip(given) {
        match value.as_ref().map(|value| (Number::of(value), value)) {
            None => {}
            Some((Some(Number::Int(int)), _)) => whole += int.saturating_mul(i128::from(micros)),
            Some((Some(Number::Float(float)), _)) => {
                let exact = float * micros as f64;
                whole += exact.trunc() as i128;
                fraction += exact.fract();
            }
            Some((None, value)) => {
                return Err(fail(format!(
                    "unsupported type for timedelta {unit} component: {}",
                    type_name(value)
                )));
            }
        }
    }
    Delta::from_micros(whole + fraction.round_ties_even() as i128)
}

fn times(micros: i128, factor: Number) -> Result<Value, Error> {
    match factor {
        Number::Int(int) => Delta::from_micros(micros.saturating_mul(int)),
        Number::Float(float) => {
            Delta::from_micros((micros as f64 * float).round_ties_even() as i128)
        }
    }
}

fn divided(symbol: &str, micros: i128, by: Number) -> Result<Value, Error> {
    match (symbol, by) {
        (_, Number::Int(0)) => Err(fail("integer division or modulo by zero")),
        ("//", Number::Int(int)) => Delta::from_micros(floor_div(micros, int)),
        ("//", Number::Float(_)) => Err(fail(
            "unsupported operand type(s) for //: 'datetime.timedelta' and 'float'",
        )),
        (_, Number::Float(0.0)) => Err(fail("float division by zero")),
        (_, by) => Delta::from_micros((micros as f64 / by.as_f64()).round_ties_even() as i128),
    }
}

fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    quotient - i128::from(a % b != 0 && (a < 0) != (b < 0))
}

fn by_zero(symbol: &str) -> Error {
    match symbol {
        "/" => fail("division by zero"),
        "%" => fail("integer modulo by zero"),
        _ => fail("integer division or modulo by zero"),
    }
}
