//! `flags`: the options of this call, under their names in capitals.

use crate::config::Flags;
use crate::jinja::values;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

pub(super) fn object(flags: &Flags) -> Value {
    let pairs = flags.jinja_map().into_iter();
    Value::from_object(Names {
        pairs: pairs
            .map(|(name, value)| (name, values::from_json(&value)))
            .collect(),
    })
}

/// Attributes that may not be changed; an unknown one is undefined.
#[derive(Debug)]
struct Names {
    pairs: Vec<(String, Value)>,
}

impl Object for Names {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let wanted = key.as_str()?;
        let found = self.pairs.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.pairs.iter();
        let shown: Vec<String> = shown
            .map(|(name, value)| format!("{name}={value:?}"))
            .collect();
        write!(f, "Namespace({})", shown.join(", "))
    }
}
