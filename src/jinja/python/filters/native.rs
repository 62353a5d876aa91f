//! dbt's `as_text`, `as_bool`, `as_number`, `as_native`: they say which type a value of a YAML file
//! has. In SQL they change nothing.

use super::add;
use crate::jinja::fail;
use crate::jinja::python::literal;
use crate::jinja::python::repr;
use minijinja::Environment;
use minijinja::Error;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::fmt;
use std::sync::Arc;

/// What templates are rendered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendering {
    /// Text: SQL, documentation, names.
    Text,
    /// Values of a YAML file, where `as_*` marks the wanted type.
    Native,
}

/// The value of an expression that makes up a whole YAML string, in the type a filter asks for.
pub fn finish(value: &Value) -> Result<Value, Error> {
    match value.downcast_object_ref::<Marked>() {
        Some(marked) => marked.convert(),
        None => Ok(value.clone()),
    }
}

pub(super) fn install(env: &mut Environment, rendering: Rendering) {
    match rendering {
        Rendering::Text => {
            for name in ["as_bool", "as_native", "as_number", "as_text"] {
                add(env, name, |_, value, _| Ok(value.clone()));
            }
        }
        Rendering::Native => {
            add(env, "as_bool", |_, value, _| Ok(mark(value, Wanted::Bool)));
            add(env, "as_native", |_, value, _| {
                Ok(mark(value, Wanted::Native))
            });
            add(env, "as_number", |_, value, _| {
                Ok(mark(value, Wanted::Number))
            });
            add(env, "as_text", |_, value, _| Ok(mark(value, Wanted::Text)));
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Wanted {
    Bool,
    Native,
    Number,
    Text,
}

/// A value with the type that it shall have. Prints as the value itself.
#[derive(Debug)]
struct Marked {
    value: Value,
    wanted: Wanted,
}

impl Marked {
    fn convert(&self) -> Result<Value, Error> {
        let text = repr::str(&self.value);
        if let Wanted::Text = self.wanted {
            return Ok(Value::from(text));
        }
        let native = match self.value.kind() {
            ValueKind::String => literal::parse(&text).unwrap_or(self.value.clone()),
            _ => self.value.clone(),
        };
        let (fits, name) = match self.wanted {
            Wanted::Bool => (native.kind() == ValueKind::Bool, "bool"),
            Wanted::Number => (native.is_number(), "number"),
            Wanted::Native | Wanted::Text => (true, ""),
        };
        match fits {
            true => Ok(native),
            false => Err(fail(format!(
                "Could not convert value '{text}' into type '{name}'"
            ))),
        }
    }
}

impl Object for Marked {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f.write_str(&repr::repr(&self.value)),
            false => f.write_str(&repr::str(&self.value)),
        }
    }
}

fn mark(value: &Value, wanted: Wanted) -> Value {
    Value::from_object(Marked {
        value: value.clone(),
        wanted,
    })
}
