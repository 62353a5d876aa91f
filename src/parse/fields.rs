//! Reads fields of properties files, each wrong type reported at its place.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::config::yaml::Data;
use crate::config::yaml::Yaml;

/// A text field; numbers and dates count as their text. `None` when absent or null.
pub(super) fn text(yaml: &Yaml, key: &str, bag: &Bag) -> Option<String> {
    let value = yaml.get(key)?;
    match &value.data {
        Data::Null => None,
        Data::List(_) | Data::Map(_) => {
            bag.add(wrong_type(value, key, "a text"));
            None
        }
        _ => Some(value.printed().into_owned()),
    }
}

/// A yes-or-no field. `None` when absent or null.
pub(super) fn flag(yaml: &Yaml, key: &str, bag: &Bag) -> Option<bool> {
    let value = yaml.get(key)?;
    match &value.data {
        Data::Null => None,
        Data::Bool(value) => Some(*value),
        _ => {
            bag.add(wrong_type(value, key, "true or false"));
            None
        }
    }
}

/// The items of a list; null is an empty one.
pub(super) fn list<'a>(value: &'a Yaml, what: &str, bag: &Bag) -> &'a [Yaml] {
    match &value.data {
        Data::List(items) => items,
        Data::Null => &[],
        _ => {
            bag.add(wrong_type(value, what, "a list"));
            &[]
        }
    }
}

/// A list of texts, or one text alone.
pub(super) fn texts(yaml: &Yaml, key: &str, bag: &Bag) -> Vec<String> {
    let Some(value) = yaml.get(key) else {
        return Vec::new();
    };
    match &value.data {
        Data::Null => Vec::new(),
        Data::List(items) => items
            .iter()
            .map(|item| item.printed().into_owned())
            .collect(),
        Data::Map(_) => {
            bag.add(wrong_type(value, key, "a list of texts"));
            Vec::new()
        }
        _ => vec![value.printed().into_owned()],
    }
}

/// Whether a value is a mapping; anything else is reported.
pub(super) fn is_map(value: &Yaml, what: &str, bag: &Bag) -> bool {
    if !value.is_map() {
        bag.add(wrong_type(value, what, "a mapping"));
    }
    value.is_map()
}

fn wrong_type(value: &Yaml, what: &str, wanted: &str) -> Diagnostic {
    let message = format!("`{what}` must be {wanted}, found {}", value.kind());
    let found = Diagnostic::error("wrong-type", message).at(value.place());
    match wanted {
        "a list" => found.hint("begin each item with `- `"),
        _ => found,
    }
}
