//! Methods of Python's built-in types, for values that bring none of their own.
//! One file per type; lists and dicts that change are in `values`.

mod bound;
mod mapping;
mod names;
mod number;
mod sequence;
mod text;
mod text_split;
mod text_test;

pub use bound::attribute;
pub use bound::is_method;
pub use bound::method;
pub use names::config_method;
pub use text::capitalize;
pub use text_split::lines;

use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Value;
use minijinja::value::ValueKind;

/// `value.name(...)`, for `Environment::set_unknown_method_callback`.
pub fn call(_: &mut State, value: &Value, name: &str, args: &[Value]) -> Result<Value, Error> {
    let found = match value.kind() {
        ValueKind::String => text::call(value.as_str().unwrap_or_default(), name, args),
        ValueKind::Bytes => text::call_bytes(value.as_bytes().unwrap_or_default(), name, args),
        ValueKind::Number | ValueKind::Bool => number::call(value, name, args),
        ValueKind::Seq | ValueKind::Iterable => sequence::call(value, name, args),
        ValueKind::Map => mapping::call(value, name, args),
        _ => None,
    };
    found.unwrap_or_else(|| Err(unknown(value, name)))
}

/// A method of `str`, for filters of the same meaning.
pub fn call_text(name: &str, text: &str, args: &[Value]) -> Result<Value, Error> {
    text::call(text, name, args).unwrap_or_else(|| Err(unknown(&Value::from(text), name)))
}

/// Jinja2's words for an attribute that is not there.
pub fn unknown(value: &Value, name: &str) -> Error {
    let owner = match value.kind() {
        ValueKind::None => "None".to_string(),
        _ => format!("{} object", type_name(value)),
    };
    Error::new(
        ErrorKind::UnknownMethod,
        format!("'{owner}' has no attribute '{name}'"),
    )
}
