//! An object with fields, such as the result of a node: no dict, but it can be made one.

use crate::jinja::call::function;
use crate::jinja::values;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// What asking for a field that is not there comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lacking {
    Undefined,
    None,
}

/// An object with the entries of `fields` as its fields. `to_dict()` gives `plain`, or the fields
/// again where that is left out; `get(name, default)` asks without failing.
pub fn record(fields: Value, plain: Option<Value>, lacking: Lacking) -> Value {
    let plain = plain.unwrap_or_else(|| fields.clone());
    Value::from_object(Record {
        fields,
        plain,
        lacking,
    })
}

struct Record {
    fields: Value,
    plain: Value,
    lacking: Lacking,
}

impl Record {
    fn field(&self, key: &Value) -> Option<Value> {
        let found = self.fields.as_object()?.get_value(key);
        found.filter(|found| !found.is_undefined())
    }

    /// The method as a value, for code that asks whether it can be called.
    fn to_dict(self: &Arc<Self>) -> Value {
        let record = self.clone();
        function("to_dict", move |_, _| Ok(values::deep_copy(&record.plain)))
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fields)
    }
}

impl Object for Record {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.field(key).or_else(|| match self.lacking {
            _ if key.as_str() == Some("to_dict") => Some(self.to_dict()),
            Lacking::Undefined => None,
            Lacking::None => Some(values::none()),
        })
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("to_dict", _) => Ok(values::deep_copy(&self.plain)),
            ("get", [key]) => Ok(self.field(key).unwrap_or_else(values::none)),
            ("get", [key, default, ..]) => Ok(self.field(key).unwrap_or(default.clone())),
            _ => match self.field(&Value::from(method)) {
                Some(function) => function.call(state, args),
                None => Err(Error::from(ErrorKind::UnknownMethod)),
            },
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fields)
    }
}
