//! A dict that is made only when a template looks into it.

use minijinja::Error;
use minijinja::State;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

type Make = dyn Fn() -> Value + Send + Sync;

/// A value that behaves as the dict which `make` gives; made once, at the first look.
pub fn lazy(make: impl Fn() -> Value + Send + Sync + 'static) -> Value {
    Value::from_object(Lazy {
        made: OnceLock::new(),
        make: Box::new(make),
    })
}

struct Lazy {
    made: OnceLock<Value>,
    make: Box<Make>,
}

impl Lazy {
    fn value(&self) -> &Value {
        self.made.get_or_init(|| (self.make)())
    }
}

impl fmt::Debug for Lazy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.value(), f)
    }
}

impl Object for Lazy {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.value().as_object()?.get_value(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.value().try_iter() {
            Ok(keys) => Enumerator::Values(keys.collect()),
            Err(_) => Enumerator::Empty,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        self.value().call_method(state, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value())
    }
}
