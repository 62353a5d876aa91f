//! Python's `range`: numbers that are counted, not kept.

use crate::jinja::fail;
use crate::jinja::python::args::int;
use minijinja::Error;
use minijinja::value::DynObject;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// Jinja2's sandbox allows no longer ones.
const MAX_LEN: i64 = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    start: i64,
    stop: i64,
    step: i64,
}

impl Range {
    /// `range(stop)`, `range(start, stop)` or `range(start, stop, step)`.
    pub fn from_args(args: &[Value]) -> Result<Self, Error> {
        let (start, stop, step) = match args {
            [] => return Err(fail("range expected at least 1 argument, got 0")),
            [stop] => (0, int(stop)?, 1),
            [start, stop] => (int(start)?, int(stop)?, 1),
            [start, stop, step] => (int(start)?, int(stop)?, int(step)?),
            more => {
                return Err(fail(format!(
                    "range expected at most 3 arguments, got {}",
                    more.len()
                )));
            }
        };
        if step == 0 {
            return Err(fail("range() arg 3 must not be zero"));
        }
        let range = Range { start, stop, step };
        match range.len() > MAX_LEN {
            true => Err(fail(format!(
                "Range too big. The sandbox blocks ranges larger than MAX_RANGE ({MAX_LEN})."
            ))),
            false => Ok(range),
        }
    }

    fn len(self) -> i64 {
        let (from, to) = match self.step > 0 {
            true => (self.start, self.stop),
            false => (self.stop, self.start),
        };
        let step = i128::from(self.step).abs();
        let span = (i128::from(to) - i128::from(from)).max(0);
        i64::try_from((span + step - 1) / step).unwrap_or(i64::MAX)
    }
}

impl Object for Range {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(name) = key.as_str() {
            return match name {
                "start" => Some(Value::from(self.start)),
                "stop" => Some(Value::from(self.stop)),
                "step" => Some(Value::from(self.step)),
                _ => None,
            };
        }
        let at = i64::try_from(key.as_usize()?).ok()?;
        (at < self.len()).then(|| Value::from(self.start + at * self.step))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(usize::try_from(self.len()).unwrap_or(0))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Range>()?;
        let numbers = |range: Range| (0..range.len()).map(move |at| range.start + at * range.step);
        Some(numbers(**self).cmp(numbers(*other)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, stop, step } = **self;
        match step {
            1 => write!(f, "range({start}, {stop})"),
            _ => write!(f, "range({start}, {stop}, {step})"),
        }
    }
}
