//! Arguments of built-in functions and methods: all parameters at once, and what type they must be.

use crate::jinja::Args;
use crate::jinja::fail;
use crate::jinja::python::numbers;
use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::value::Value;

/// Positional and named arguments laid onto `names`; `None` where the call does not mention one.
///
/// `let [sep, limit] = bind("split", ["sep", "maxsplit"], args)?;`
pub fn bind<const N: usize>(
    function: &str,
    names: [&str; N],
    args: &[Value],
) -> Result<[Option<Value>; N], Error> {
    let mut args = Args::new(function, args);
    let bound = names.map(|name| args.optional(name));
    args.finish()?;
    Ok(bound)
}

/// A parameter without a default.
pub fn required(function: &str, name: &str, value: Option<Value>) -> Result<Value, Error> {
    value.ok_or_else(|| {
        fail(format!(
            "{function}() missing 1 required positional argument: '{name}'"
        ))
    })
}

/// A parameter that must be a string.
pub fn text(function: &str, value: &Value) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(text.to_string()),
        None => Err(fail(format!(
            "{function}() argument must be str, not {}",
            type_name(value)
        ))),
    }
}

/// A parameter that must be an integer.
pub fn int(value: &Value) -> Result<i64, Error> {
    numbers::as_int(value).ok_or_else(|| {
        fail(format!(
            "'{}' object cannot be interpreted as an integer",
            type_name(value)
        ))
    })
}

/// An integer parameter with a default; `None` counts as not given.
pub fn int_or(value: Option<&Value>, default: i64) -> Result<i64, Error> {
    match value {
        Some(value) if !value.is_none() => int(value),
        _ => Ok(default),
    }
}
