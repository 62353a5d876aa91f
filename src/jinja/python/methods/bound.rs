//! A method as a value: `x.append` without a call, to be kept, passed on, asked about and called.

use super::names;
use crate::jinja::python::type_name;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use minijinja::value::ValueKind;
use std::fmt;
use std::sync::Arc;

/// Whether an attribute of this name may be a method of some type.
pub fn is_method(name: &str) -> bool {
    names::known(name).is_some()
}

/// What `value.name` is where `found` is what the value holds under that name: the method, unless
/// the value has another attribute of that name. The entries of a dict are no attributes.
pub fn attribute(value: &Value, found: Value, name: &str) -> Value {
    let has_attribute = !found.is_undefined() && value.kind() != ValueKind::Map;
    match names::of(value, name) {
        Some(name) if !has_attribute => method(value.clone(), name),
        _ => found,
    }
}

/// The method of a value.
pub fn method(owner: Value, name: &'static str) -> Value {
    Value::from_object(Bound { owner, name })
}

struct Bound {
    owner: Value,
    name: &'static str,
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = type_name(&self.owner);
        write!(f, "<built-in method {} of {class} object>", self.name)
    }
}

impl Object for Bound {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.owner.call_method(state, self.name, args)
    }
}
