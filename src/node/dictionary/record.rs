//! A dictionary while it is made: keys in order, with values that may still belong to the node.
//! The manifest writes it as it is; templates get it as a map of their own.

use crate::node::SparseMap;
use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;
use serde_json::Map;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// Each key once, in the order in which artifacts list them.
#[derive(Debug, Default)]
pub struct Record {
    fields: Vec<(Cow<'static, str>, Held)>,
}

/// A value, or one that is shared with the node because it is large and often the same.
#[derive(Debug)]
pub enum Held {
    Own(Value),
    Settings(Arc<Map<String, Value>>),
    Entries(SparseMap),
    Code(Arc<str>),
}

impl Record {
    pub(super) fn with_capacity(fields: usize) -> Self {
        Record {
            fields: Vec::with_capacity(fields),
        }
    }

    pub(super) fn put(&mut self, key: &'static str, value: impl Into<Held>) {
        debug_assert!(self.fields.iter().all(|(known, _)| known != key));
        self.fields.push((Cow::Borrowed(key), value.into()));
    }

    /// A value to change; `None` where there is no such key, and for what belongs to the node.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let (_, held) = self.fields.iter_mut().find(|(known, _)| known == key)?;
        match held {
            Held::Own(value) => Some(value),
            Held::Settings(_) | Held::Entries(_) | Held::Code(_) => None,
        }
    }

    pub fn into_map(self) -> Map<String, Value> {
        let fields = self.fields.into_iter();
        fields
            .map(|(key, held)| (key.into_owned(), held.into_value()))
            .collect()
    }
}

impl Held {
    fn into_value(self) -> Value {
        match self {
            Held::Own(value) => value,
            Held::Settings(settings) => Value::Object(Arc::unwrap_or_clone(settings)),
            Held::Entries(entries) => Value::Object(entries.into()),
            Held::Code(code) => Value::String(code.to_string()),
        }
    }
}

impl From<Value> for Held {
    fn from(value: Value) -> Self {
        Held::Own(value)
    }
}

impl From<Map<String, Value>> for Record {
    fn from(map: Map<String, Value>) -> Self {
        let fields = map.into_iter();
        Record {
            fields: fields
                .map(|(key, value)| (Cow::Owned(key), Held::Own(value)))
                .collect(),
        }
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.fields.len()))?;
        for (key, held) in &self.fields {
            match held {
                Held::Own(value) => map.serialize_entry(key, value)?,
                Held::Settings(settings) => map.serialize_entry(key, &**settings)?,
                Held::Entries(entries) => map.serialize_entry(key, &**entries)?,
                Held::Code(code) => map.serialize_entry(key, &**code)?,
            }
        }
        map.end()
    }
}
