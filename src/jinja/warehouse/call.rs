//! One call of an adapter method: what it may reach, and how it says no.

use crate::adapter::AdapterError;
use crate::adapter::Relation;
use crate::adapter::Session;
use crate::adapter::Setup;
use crate::adapter::Table;
use crate::jinja::call::Args;
use crate::jinja::call::CallSite;
use crate::jinja::error::fail;
use crate::jinja::error::fail_with;
use crate::jinja::relation::relation_of;
use crate::jinja::table::table_of;
use crate::sql::Dialect;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// Whether there is a warehouse to talk to.
pub(super) enum Desk {
    Open(Arc<Mutex<Session>>),
    /// Code is only captured.
    Closed {
        dialect: &'static Dialect,
        touched: Arc<dyn Fn() + Send + Sync>,
    },
}

pub(super) struct Call<'c, 't, 'e> {
    pub(super) state: &'c mut State<'t, 'e>,
    pub(super) site: CallSite,
    pub(super) desk: &'c Desk,
    pub(super) dialect: &'static Dialect,
}

impl Call<'_, '_, '_> {
    /// The session. Never hold it while a macro runs: the macro may want it too.
    pub(super) fn session(&self) -> Result<MutexGuard<'_, Session>, Error> {
        match self.desk {
            Desk::Open(session) => Ok(session.lock().unwrap_or_else(PoisonError::into_inner)),
            Desk::Closed { .. } => Err(fail("this adapter method needs a warehouse")),
        }
    }

    /// What the profile says beyond the connection; the usual while code is only captured.
    pub(super) fn setup<T>(&self, ask: impl FnOnce(&Setup) -> T) -> T {
        match self.session() {
            Ok(session) => ask(session.shared().adapter.setup()),
            Err(_) => ask(&Setup::default()),
        }
    }

    /// Calls a macro so that overrides of the project and its packages act.
    pub(super) fn run_macro(&mut self, name: &str, args: &[Value]) -> Result<Value, Error> {
        let registry = self.site.engine.registry();
        let found = registry.overriding(name).cloned();
        let found = found.ok_or_else(|| fail(format!("the macro `{name}` is missing")))?;
        self.site.engine.macro_value(&found).call(self.state, args)
    }

    /// Whether the user has a say in what a macro of ours does.
    pub(super) fn is_overridden(&self, name: &str) -> bool {
        self.site.engine.registry().is_overridden(name)
    }

    /// Calls a macro that gives the rows of a query.
    pub(super) fn run_query_macro(
        &mut self,
        name: &str,
        args: &[Value],
    ) -> Result<Arc<Table>, Error> {
        let value = self.run_macro(name, args)?;
        let table = table_of(&value);
        table.ok_or_else(|| {
            fail(format!(
                "the macro `{name}` must return the rows of a query"
            ))
        })
    }
}

/// The warehouse's own words, whole.
pub(super) fn refused(error: AdapterError) -> Error {
    fail_with(error.diagnostic())
}

/// A relation among the arguments.
pub(super) fn relation_argument(value: &Value) -> Result<Relation, Error> {
    relation_of(value).ok_or_else(|| fail(format!("expected a relation, found `{value}`")))
}

/// The arguments of methods that work on two relations.
pub(super) fn from_and_to(mut args: Args<'_>) -> Result<(Value, Value), Error> {
    let found = (
        args.required("from_relation")?,
        args.required("to_relation")?,
    );
    args.finish()?;
    Ok(found)
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Desk::Open(_) => f.write_str("open"),
            Desk::Closed { dialect, .. } => write!(f, "closed ({})", dialect.name),
        }
    }
}
