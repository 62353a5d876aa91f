//! Values that templates can change: lists and dicts, as Python has them.
//! Promise: no lock is held while other code runs, and a loop walks the items it found at its start.
//! Not here: printing and the methods of strings and numbers (`python`).

mod dict;
mod json;
mod lazy;
mod list;
mod nothing;
mod record;
mod view;

pub use dict::Dict;
pub use json::from_json;
pub use json::to_json;
pub use lazy::lazy;
pub use list::List;
pub use nothing::nothing;
pub use record::Lacking;
pub use record::record;
pub use view::Part;
pub use view::View;
pub use view::view;

use minijinja::value::Value;

/// A new list.
pub fn list(items: impl IntoIterator<Item = Value>) -> Value {
    Value::from_object(List::from(items.into_iter().collect::<Vec<_>>()))
}

/// A new dict. A key given twice keeps its first position and its last value.
pub fn dict<K: Into<Value>>(pairs: impl IntoIterator<Item = (K, Value)>) -> Value {
    let pairs = pairs.into_iter().map(|(key, value)| (key.into(), value));
    Value::from_object(pairs.collect::<Dict>())
}

/// A tuple.
pub fn tuple(items: impl IntoIterator<Item = Value>) -> Value {
    let items: Vec<Value> = items.into_iter().collect();
    Value::from(minijinja::value::Tuple::from(items))
}

/// Python's `None`.
pub fn none() -> Value {
    Value::from(())
}

/// A copy that shares nothing changeable with the original; sequences become lists, maps dicts.
pub fn deep_copy(value: &Value) -> Value {
    use minijinja::value::ValueKind;
    let Some(object) = value.as_object() else {
        return value.clone();
    };
    match value.kind() {
        _ if value.is_tuple() => tuple(items(value).iter().map(deep_copy)),
        ValueKind::Seq | ValueKind::Iterable => list(items(value).iter().map(deep_copy)),
        ValueKind::Map => {
            let pairs = object.try_iter_pairs().into_iter().flatten();
            dict(pairs.map(|(key, value)| (key, deep_copy(&value))))
        }
        _ => value.clone(),
    }
}

/// The items of a sequence, the keys of a map, the characters of a string; none of anything else.
pub fn items(value: &Value) -> Vec<Value> {
    match value.downcast_object_ref::<List>() {
        Some(list) => list.items(),
        None => value.try_iter().map(Iterator::collect).unwrap_or_default(),
    }
}

/// The pairs of a map, keys as text; none of anything else.
pub fn pairs(value: &Value) -> Vec<(String, Value)> {
    let pairs = value.as_object().and_then(|object| object.try_iter_pairs());
    let as_text = |key: Value| match key.as_str() {
        Some(text) => text.to_string(),
        None => key.to_string(),
    };
    pairs
        .into_iter()
        .flatten()
        .map(|(key, value)| (as_text(key), value))
        .collect()
}
