//! Arguments of a call bound to parameter names, as Python binds them.

use crate::jinja::python::error;
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
    let (positional, named) = split(args);
    if positional.len() > N {
        return Err(too_many(function, N, positional.len()));
    }
    let mut bound = [const { None }; N];
    for (slot, value) in bound.iter_mut().zip(positional) {
        *slot = Some(value.clone());
    }
    for (name, value) in named {
        let Some(at) = names.iter().position(|known| *known == name) else {
            return Err(error(format!(
                "{function}() got an unexpected keyword argument '{name}'"
            )));
        };
        if bound[at].replace(value).is_some() {
            return Err(error(format!(
                "{function}() got multiple values for argument '{name}'"
            )));
        }
    }
    Ok(bound)
}

/// The positional arguments, and the named ones in the order written.
pub fn split(args: &[Value]) -> (&[Value], Vec<(String, Value)>) {
    match args.split_last() {
        Some((last, before)) if last.is_kwargs() => (before, named(last)),
        _ => (args, Vec::new()),
    }
}

/// A parameter without a default.
pub fn required(function: &str, name: &str, value: Option<Value>) -> Result<Value, Error> {
    value.ok_or_else(|| {
        error(format!(
            "{function}() missing 1 required positional argument: '{name}'"
        ))
    })
}

/// A parameter that must be a string.
pub fn text(function: &str, value: &Value) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => Ok(text.to_string()),
        None => Err(error(format!(
            "{function}() argument must be str, not {}",
            type_name(value)
        ))),
    }
}

/// A parameter that must be an integer.
pub fn int(value: &Value) -> Result<i64, Error> {
    numbers::as_int(value).ok_or_else(|| {
        error(format!(
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

fn named(kwargs: &Value) -> Vec<(String, Value)> {
    let pairs = kwargs
        .as_object()
        .and_then(|object| object.try_iter_pairs());
    pairs
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_string(), value))
        .collect()
}

fn too_many(function: &str, most: usize, given: usize) -> Error {
    let takes = match most {
        0 => "no arguments".to_string(),
        1 => "at most 1 argument".to_string(),
        n => format!("at most {n} arguments"),
    };
    error(format!("{function}() takes {takes} ({given} given)"))
}
