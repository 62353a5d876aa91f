//! Names gathered into mappings: the macros of a package, and `context` with all names there are.

use crate::jinja::call::Args;
use crate::jinja::call::CallSite;
use crate::jinja::macros::MacroValue;
use crate::jinja::values::none;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::Value;
use std::sync::Arc;

/// The macros of one package: `dbt_utils.star(...)`.
#[derive(Debug)]
pub(crate) struct Namespace {
    pub(crate) package: String,
    pub(crate) site: CallSite,
}

impl Namespace {
    fn find(&self, name: &str) -> Option<Value> {
        let replaced = self
            .site
            .scope
            .replaced(&format!("{}.{name}", self.package));
        if replaced.is_some() {
            return replaced;
        }
        let found = self.site.engine.registry().qualified(&self.package, name)?;
        Some(Value::from_object(MacroValue(found.clone())))
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.find(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.site.engine.registry().names_in(&self.package);
        Enumerator::Values(names.map(Value::from).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match self.find(method) {
            Some(found) => found.call(state, args),
            None => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// `context`: what every name means in the node that is rendered, arguments and variables aside.
/// What `update` and `setdefault` put in is a name like any other from then on.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) site: CallSite,
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.site.engine.global(key, &self.site)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.site.engine.global_names(&self.site);
        Enumerator::Values(names.into_iter().map(Value::from).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "update" => self.site.added.call_method(state, method, args),
            "setdefault" => self.setdefault(args),
            "get" => Err(Error::from(ErrorKind::UnknownMethod)),
            _ => match self.get_value_by_str(method) {
                Some(found) => found.call(state, args),
                None => Err(Error::from(ErrorKind::UnknownMethod)),
            },
        }
    }
}

impl Context {
    fn setdefault(&self, args: &[Value]) -> Result<Value, Error> {
        let mut args = Args::new("setdefault", args);
        let name = args.required_str("key")?;
        let default = args.optional("default").unwrap_or_else(none);
        args.finish()?;
        let known = self.site.engine.global(&name, &self.site);
        Ok(known.unwrap_or_else(|| {
            self.site.added.insert(name, default.clone());
            default
        }))
    }
}
