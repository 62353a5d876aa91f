//! YAML as dbt reads it (version 1.1, as PyYAML understands it), with the place of every value.
//! Promise: a tree that loads here holds the same values there; a text that fails here fails there.
//! Not here: what the keys mean.

mod check;
mod load;
mod mistake;
mod raw;
mod scalar;
#[cfg(test)]
mod tests;

use crate::base::Place;
use crate::base::SourceFile;
use serde_json::Map;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

pub use load::parse;
pub use load::parse_text;
pub use scalar::resolve;
pub use scalar::scalar_source;

/// A value and where it was written. Cheap to ask for its place, so every message can have one.
#[derive(Clone)]
pub struct Yaml {
    pub data: Data,
    file: Arc<SourceFile>,
    /// Byte offsets, end not included.
    start: u32,
    end: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    /// A date, or a date with time, in ISO form: `2024-01-31`, `2024-01-31T10:00:00+02:00`.
    Date(String),
    List(Vec<Yaml>),
    /// Keys in the order of the text; merged ones (`<<`) first. Each key once.
    Map(Vec<(Yaml, Yaml)>),
}

impl Yaml {
    pub fn new(data: Data, place: &Place) -> Self {
        Yaml {
            data,
            file: place.file.clone(),
            start: offset(place.start),
            end: offset(place.end),
        }
    }

    /// The same place with another value, such as the result of rendering a text.
    pub fn with(&self, data: Data) -> Self {
        Yaml {
            data,
            file: self.file.clone(),
            ..*self
        }
    }

    /// A tree out of JSON, every value at the same place.
    pub fn from_json(json: &serde_json::Value, place: &Place) -> Self {
        use serde_json::Value;
        let text = |text: &str| Data::Text(text.to_string());
        let data = match json {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(*value),
            Value::Number(number) => match number.as_i128() {
                Some(value) => Data::Int(value),
                None => Data::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(value) => text(value),
            Value::Array(items) => Data::List(
                items
                    .iter()
                    .map(|item| Yaml::from_json(item, place))
                    .collect(),
            ),
            Value::Object(entries) => {
                let pairs = entries.iter();
                Data::Map(
                    pairs
                        .map(|(k, v)| (Yaml::new(text(k), place), Yaml::from_json(v, place)))
                        .collect(),
                )
            }
        };
        Yaml::new(data, place)
    }

    pub fn place(&self) -> Place {
        Place::new(&self.file, self.start as usize, self.end as usize)
    }

    pub fn file(&self) -> &Arc<SourceFile> {
        &self.file
    }

    /// Words for messages: `a number`, `a list`.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Null => "nothing",
            Data::Bool(_) => "true or false",
            Data::Int(_) | Data::Float(_) => "a number",
            Data::Text(_) => "a text",
            Data::Date(_) => "a date",
            Data::List(_) => "a list",
            Data::Map(_) => "a mapping",
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self.data {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        match self.data {
            Data::Int(value) => i64::try_from(value).ok(),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Yaml]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn is_map(&self) -> bool {
        matches!(self.data, Data::Map(_))
    }

    /// Keys and values of a mapping; nothing for any other value.
    pub fn entries(&self) -> &[(Yaml, Yaml)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a key; `None` where the key is absent or this is no mapping.
    pub fn get(&self, key: &str) -> Option<&Yaml> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Where the value of a key stands; where the key is absent, where this does.
    pub fn place_of(&self, key: &str) -> Place {
        self.get(key).map_or_else(|| self.place(), Yaml::place)
    }

    /// A key and its value, for messages about the key itself.
    pub fn entry(&self, key: &str) -> Option<&(Yaml, Yaml)> {
        self.entries()
            .iter()
            .find(|(k, _)| k.as_text() == Some(key))
    }

    /// How Python prints a scalar: `True`, `None`, `1.5`, `2024-01-31 10:00:00`.
    /// Lists and mappings are printed as JSON.
    pub fn printed(&self) -> Cow<'_, str> {
        match &self.data {
            Data::Text(text) => Cow::Borrowed(text),
            Data::Null => Cow::Borrowed("None"),
            Data::Bool(true) => Cow::Borrowed("True"),
            Data::Bool(false) => Cow::Borrowed("False"),
            Data::Int(value) => Cow::Owned(value.to_string()),
            Data::Float(value) => Cow::Owned(scalar::print_float(*value)),
            Data::Date(iso) => Cow::Owned(iso.replacen('T', " ", 1)),
            Data::List(_) | Data::Map(_) => Cow::Owned(self.to_json().to_string()),
        }
    }

    /// The value as JSON: key order kept, keys as texts, dates as ISO texts.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Int(value) => scalar::json_int(*value),
            Data::Float(value) => Value::from(*value),
            Data::Text(text) | Data::Date(text) => Value::String(text.clone()),
            Data::List(items) => items.iter().map(Yaml::to_json).collect(),
            Data::Map(_) => Value::Object(self.to_json_map()),
        }
    }

    /// The entries of a mapping as JSON; empty for any other value.
    pub fn to_json_map(&self) -> Map<String, serde_json::Value> {
        self.entries()
            .iter()
            .map(|(key, value)| (key.key_text().into_owned(), value.to_json()))
            .collect()
    }

    /// A key as JSON writes it: `true` and `null` in small letters.
    pub fn key_text(&self) -> Cow<'_, str> {
        match &self.data {
            Data::Text(text) | Data::Date(text) => Cow::Borrowed(text),
            Data::Null => Cow::Borrowed("null"),
            Data::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            _ => self.printed(),
        }
    }

    /// Rebuilds the tree with every text value (not key) replaced by what `change` makes of it.
    /// `path` holds the keys that lead to the value.
    pub fn map_texts<F>(&self, change: &mut F) -> Yaml
    where
        F: FnMut(&[&Yaml], &Yaml) -> Option<Data>,
    {
        self.map_texts_below(&mut Vec::new(), change)
    }

    fn map_texts_below<'a, F>(&'a self, path: &mut Vec<&'a Yaml>, change: &mut F) -> Yaml
    where
        F: FnMut(&[&Yaml], &Yaml) -> Option<Data>,
    {
        match &self.data {
            Data::Text(_) => match change(path, self) {
                Some(data) => self.with(data),
                None => self.clone(),
            },
            Data::List(items) => self.with(Data::List(
                items
                    .iter()
                    .map(|item| item.map_texts_below(path, change))
                    .collect(),
            )),
            Data::Map(entries) => {
                let mut changed = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    path.push(key);
                    changed.push((key.clone(), value.map_texts_below(path, change)));
                    path.pop();
                }
                self.with(Data::Map(changed))
            }
            _ => self.clone(),
        }
    }
}

impl PartialEq for Yaml {
    /// Same value; places do not count.
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data
    }
}

impl fmt::Debug for Yaml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.data.fmt(f)
    }
}

/// Files beyond 4 GB are refused when they are read, so offsets fit.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
