//! Tuples whose items also have names, such as the groups of `groupby`.

use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::sync::Arc;

/// Python's `namedtuple`: by index, by name, and unpacked.
#[derive(Debug)]
pub struct NamedTuple {
    names: &'static [&'static str],
    items: Vec<Value>,
}

impl NamedTuple {
    /// As many items as names.
    pub fn value(names: &'static [&'static str], items: Vec<Value>) -> Value {
        Value::from_object(NamedTuple { names, items })
    }
}

impl Object for NamedTuple {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = match key.as_str() {
            Some(name) => self.names.iter().position(|known| *known == name)?,
            None => key.as_usize()?,
        };
        self.items.get(at).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items.clone())
    }
}
