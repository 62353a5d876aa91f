//! Values to and from JSON, for configurations and artifacts.

use crate::jinja::values::dict;
use crate::jinja::values::list;
use crate::jinja::values::none;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use serde_json::Number;

/// A value as JSON. What JSON cannot say is written as its text; an undefined value becomes `null`.
pub fn to_json(value: &Value) -> serde_json::Value {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => serde_json::Value::Null,
        ValueKind::Bool => serde_json::Value::Bool(value.is_true()),
        ValueKind::Number => number(value),
        ValueKind::Seq | ValueKind::Iterable => match value.try_iter() {
            Ok(items) => serde_json::Value::Array(items.map(|item| to_json(&item)).collect()),
            Err(_) => serde_json::Value::String(value.to_string()),
        },
        ValueKind::Map => {
            let pairs = value.as_object().and_then(|object| object.try_iter_pairs());
            let pairs = pairs.into_iter().flatten();
            serde_json::Value::Object(pairs.map(|(k, v)| (key(&k), to_json(&v))).collect())
        }
        _ => serde_json::Value::String(value.to_string()),
    }
}

/// JSON as values: arrays become lists and objects dicts that templates can change.
pub fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => none(),
        serde_json::Value::Bool(flag) => Value::from(*flag),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => Value::from(int),
            (None, Some(int)) => Value::from(int),
            _ => Value::from(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => list(items.iter().map(from_json)),
        serde_json::Value::Object(entries) => {
            dict(entries.iter().map(|(k, v)| (k.as_str(), from_json(v))))
        }
    }
}

fn number(value: &Value) -> serde_json::Value {
    if let Ok(int) = i64::try_from(value.clone())
        && value.is_integer()
    {
        return serde_json::Value::from(int);
    }
    let float = f64::try_from(value.clone()).unwrap_or_default();
    match Number::from_f64(float) {
        Some(number) => serde_json::Value::Number(number),
        None => serde_json::Value::String(value.to_string()),
    }
}

/// Object keys as Python's `json` writes them.
fn key(key: &Value) -> String {
    match key.kind() {
        ValueKind::None => "null".to_string(),
        ValueKind::Bool => key.is_true().to_string(),
        _ => match key.as_str() {
            Some(text) => text.to_string(),
            None => key.to_string(),
        },
    }
}
