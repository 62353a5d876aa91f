//! A class as templates see it: called to make a value, with methods and constants of its own.

use crate::base::Context;
use crate::jinja::fail;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

type Make = fn(&Context, &[Value]) -> Result<Value, Error>;
type Method = fn(&Context, &str, &[Value]) -> Option<Result<Value, Error>>;
type Constant = fn(&Context, &str) -> Option<Value>;

pub(super) struct Class {
    /// With its module, as Python prints it.
    pub(super) name: &'static str,
    /// Clock and local zone for `now()` and its like.
    pub(super) context: Arc<Context>,
    /// `None` for a class that makes no values.
    pub(super) make: Option<Make>,
    pub(super) method: Method,
    pub(super) constant: Constant,
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<class '{}'>", self.name)
    }
}

impl Object for Class {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (self.constant)(&self.context, key.as_str()?)
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        match self.make {
            Some(make) => make(&self.context, args),
            None => Err(fail(format!("cannot create '{}' instances", self.name))),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        (self.method)(&self.context, method, args).unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("type object '{}' has no attribute '{method}'", self.name),
            ))
        })
    }
}
