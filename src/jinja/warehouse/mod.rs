//! The warehouse as templates see it: `adapter`, `api`, and what a statement leaves behind.
//! Promise: while code is only captured, no method reaches a warehouse; each answers with emptiness.
//! Not here: the macros that spell statements (`templates`); relations and results as values.

mod call;
mod columns;
mod constraints;
mod external;
mod methods;
mod relations;
mod seeds;
mod snapshots;
mod spelling;
mod statements;
mod strategies;

use crate::adapter::Session;
use crate::jinja::call::Args;
use crate::jinja::call::current;
use crate::jinja::call::function;
use crate::jinja::column::column_class;
use crate::jinja::error::fail;
use crate::jinja::relation::relation_class;
use crate::jinja::results::Results;
use crate::jinja::values;
use crate::sql::Dialect;
use call::Call;
use call::Desk;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;

pub use seeds::seed_type;

type Names = FxHashMap<&'static str, Value>;

/// Adds `adapter`, `api` and the store of results, talking over a session.
pub fn add_warehouse_names(names: &mut Names, session: &Arc<Mutex<Session>>) {
    let guard = session
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let dialect = guard.shared().adapter.dialect();
    drop(guard);
    add_names(names, Desk::Open(session.clone()), dialect);
    names.extend(Results::default().functions());
}

/// The same names while code is only captured. `touched` hears of each method that would have
/// asked the warehouse.
pub fn add_capture_names(
    names: &mut Names,
    dialect: &'static Dialect,
    touched: Arc<dyn Fn() + Send + Sync>,
) {
    add_names(names, Desk::Closed { dialect, touched }, dialect);
    for name in ["load_result", "store_result", "store_raw_result"] {
        names.insert(name, function(name, |_, _| Ok(values::none())));
    }
}

fn add_names(names: &mut Names, desk: Desk, dialect: &'static Dialect) {
    names.insert(
        "adapter",
        Value::from_object(AdapterObject { desk, dialect }),
    );
    let classes = [
        ("Relation", relation_class(dialect)),
        ("Column", column_class(dialect)),
    ];
    names.insert("api", values::dict(classes));
}

/// `adapter`
struct AdapterObject {
    desk: Desk,
    dialect: &'static Dialect,
}

impl Object for AdapterObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            "Relation" => Some(relation_class(self.dialect)),
            "Column" => Some(column_class(self.dialect)),
            "behavior" => Some(Value::from_object(Behavior)),
            _ => methods::find(key).map(|method| {
                let (this, name) = (self.clone(), method.name);
                Value::from_object(BoundMethod {
                    adapter: this,
                    name,
                })
            }),
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let Some(method) = methods::find(name) else {
            return match &self.desk {
                // The node fails in its turn; the others are built.
                Desk::Closed { touched, .. } => {
                    touched();
                    Ok(values::none())
                }
                Desk::Open(_) => Err(fail(format!("'adapter' has no method '{name}'"))),
            };
        };
        if let (Desk::Closed { touched, .. }, Some(stand_in)) = (&self.desk, method.while_captured)
        {
            touched();
            return Ok(stand_in());
        }
        let site = current(state)?;
        let mut call = Call {
            state,
            site,
            desk: &self.desk,
            dialect: self.dialect,
        };
        (method.run)(&mut call, Args::new(name, args))
    }
}

impl fmt::Debug for AdapterObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<adapter {}>", self.dialect.name)
    }
}

/// A method taken off the adapter without being called, as in `{% set q = adapter.quote %}`.
#[derive(Debug)]
struct BoundMethod {
    adapter: Arc<AdapterObject>,
    name: &'static str,
}

impl Object for BoundMethod {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.adapter.call_method(state, self.name, args)
    }
}

/// `adapter.behavior.some_flag`: changes of behaviour that a project may ask for early; none is known,
/// so each is off, and asking with `.no_warn` says the same.
#[derive(Debug)]
struct Behavior;

impl Object for Behavior {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "no_warn" => Some(Value::from(false)),
            _ => Some(Value::from_object(Off)),
        }
    }
}

/// A flag that is off.
#[derive(Debug)]
struct Off;

impl Object for Off {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        matches!(key.as_str()?, "no_warn" | "setting").then(|| Value::from(false))
    }
}
