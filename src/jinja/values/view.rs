//! What `keys()`, `values()` and `items()` of a dict give: walked like a list, printed by its own name.

use crate::jinja::python::repr;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// Which part of a dict is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Keys,
    Values,
    Items,
}

/// Python's `dict_keys`, `dict_values` or `dict_items`, as the dict was when it was asked.
#[derive(Debug)]
pub struct View {
    part: Part,
    items: Vec<Value>,
}

/// A view as a value.
pub fn view(part: Part, items: impl IntoIterator<Item = Value>) -> Value {
    let items = items.into_iter().collect();
    Value::from_object(View { part, items })
}

impl Object for View {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = key.as_i64()?;
        let at = if at < 0 {
            at + self.items.len() as i64
        } else {
            at
        };
        self.items.get(usize::try_from(at).ok()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items.clone())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.part {
            Part::Keys => "dict_keys",
            Part::Values => "dict_values",
            Part::Items => "dict_items",
        };
        let items = super::list(self.items.iter().cloned());
        write!(f, "{name}({})", repr::repr(&items))
    }
}
