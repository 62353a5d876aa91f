//! Walking values as Python's `for` does.

use crate::jinja::fail;
use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::value::Value;

/// The items of a value, one by one. Fails for what Python does not walk, `None` included.
pub fn walk(value: &Value) -> Result<impl Iterator<Item = Value> + use<>, Error> {
    match value.try_iter() {
        Ok(items) if !value.is_none() => Ok(items),
        _ => Err(fail(format!(
            "'{}' object is not iterable",
            type_name(value)
        ))),
    }
}
