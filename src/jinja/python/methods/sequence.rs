//! Methods of tuples, and of lists that nobody may change.

use crate::jinja::fail;
use crate::jinja::python::args::bind;
use crate::jinja::python::args::int_or;
use crate::jinja::python::args::required;
use crate::jinja::python::repr;
use crate::jinja::values::list;
use minijinja::Error;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// `None` where sequences have no such method.
pub(super) fn call(value: &Value, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    match name {
        "count" => Some(count(value, args)),
        "index" => Some(index(value, args)),
        "copy" if value.kind() == ValueKind::Seq && !value.is_tuple() => Some(copy(value)),
        _ => None,
    }
}

fn count(value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [wanted] = bind("count", ["value"], args)?;
    let wanted = required("count", "value", wanted)?;
    let found = value.try_iter()?.filter(|item| *item == wanted).count();
    Ok(Value::from(found))
}

fn index(value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [wanted, start, stop] = bind("index", ["value", "start", "stop"], args)?;
    let wanted = required("index", "value", wanted)?;
    let items: Vec<Value> = value.try_iter()?.collect();
    let len = items.len() as i64;
    let place = |at: i64| if at < 0 { at + len } else { at }.clamp(0, len) as usize;
    let start = place(int_or(start.as_ref(), 0)?);
    let stop = place(int_or(stop.as_ref(), len)?);
    let found = (start..stop).find(|at| items[*at] == wanted);
    found
        .map(Value::from)
        .ok_or_else(|| match value.is_tuple() {
            true => fail("tuple.index(x): x not in tuple"),
            false => fail(format!("{} is not in list", repr::repr(&wanted))),
        })
}

fn copy(value: &Value) -> Result<Value, Error> {
    Ok(list(value.try_iter()?))
}
