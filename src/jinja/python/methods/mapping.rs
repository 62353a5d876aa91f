//! Methods of mappings that nobody may change.

use crate::jinja::python::args::bind;
use crate::jinja::python::args::required;
use crate::jinja::values::Part;
use crate::jinja::values::dict;
use crate::jinja::values::view;
use minijinja::Error;
use minijinja::value::Value;

/// `None` where mappings have no such method.
pub(super) fn call(value: &Value, name: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    let pairs = || value.as_object().and_then(|map| map.try_iter_pairs());
    let pairs = || pairs().into_iter().flatten();
    let answer = match name {
        "get" => return Some(get(value, args)),
        "keys" => view(Part::Keys, pairs().map(|(key, _)| key)),
        "values" => view(Part::Values, pairs().map(|(_, item)| item)),
        "items" => view(Part::Items, pairs().map(Value::from)),
        "copy" => dict(pairs()),
        _ => return None,
    };
    Some(bind(name, [], args).map(|_| answer))
}

fn get(value: &Value, args: &[Value]) -> Result<Value, Error> {
    let [key, default] = bind("get", ["key", "default"], args)?;
    let key = required("get", "key", key)?;
    let object = value.as_object();
    let found = object.and_then(|map| map.get_value(&key));
    Ok(found.or(default).unwrap_or(Value::from(())))
}
