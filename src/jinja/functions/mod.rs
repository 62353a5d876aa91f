//! The names that templates have everywhere, whatever node they belong to: dbt's functions and
//! facts about this call. What depends on a node is made by the rooms above.

mod collections;
mod environment;
mod exceptions;
mod flags;
mod helpers;
mod output;
mod overrides;
mod runtime_config;
mod serialize;
mod vars;
mod yaml;

pub use environment::Secrets;
pub use environment::env_var;
pub use exceptions::fail_at_run;
pub use exceptions::family_of;
pub use overrides::constant;
pub use overrides::with_answers;
pub use serialize::from_tree;
pub use vars::Missing;

use crate::base::Context;
use crate::base::DBT_VERSION;
use crate::base::Observer;
use crate::config::Flags;
use crate::jinja::python::modules;
use crate::jinja::python::modules::datetime;
use crate::jinja::values;
use indexmap::IndexMap;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use serde_json::Map;
use std::sync::Arc;

/// What the shared names are made of.
pub struct Shared<'a> {
    pub context: &'a Arc<Context>,
    pub observer: &'a Arc<dyn Observer>,
    pub flags: &'a Arc<Flags>,
    /// Name of the root project.
    pub project_name: &'a str,
    /// What `target` shows: the chosen output of the profile, without its secrets.
    pub target: &'a Map<String, serde_json::Value>,
    /// What `ref.config` shows, but for the arguments of this call.
    pub config: &'a Map<String, serde_json::Value>,
}

/// The shared names of all templates.
#[derive(Debug, Clone, Default)]
pub struct Globals {
    names: Arc<FxHashMap<&'static str, Value>>,
    /// See `runtime_config`.
    config: Value,
    /// Names of one package's templates, looked up first: its `var`, and what rooms above add.
    own: FxHashMap<&'static str, Value>,
}

/// Makes the shared names.
pub fn globals(shared: &Shared<'_>) -> Globals {
    let context = shared.context;
    let json =
        |map: Map<String, serde_json::Value>| values::from_json(&serde_json::Value::Object(map));
    let mut names = FxHashMap::default();
    names.extend(basics(context));
    names.extend(helpers::functions());
    names.extend(output::functions(shared.observer));
    names.insert("env_var", env_var(context, Secrets::Forbidden));
    names.insert("exceptions", exceptions::object(shared));
    names.insert("flags", flags::object(shared.flags));
    names.insert("invocation_args_dict", json(shared.flags.args_json()));
    names.insert("project_name", Value::from(shared.project_name));
    names.insert("target", json(shared.target.clone()));
    Globals {
        names: Arc::new(names),
        config: runtime_config::object(shared),
        own: FxHashMap::default(),
    }
}

/// The names that settings files have as well: what needs no project, flags or warehouse.
pub fn basics(context: &Arc<Context>) -> impl Iterator<Item = (&'static str, Value)> {
    let facts = [
        ("dbt_metadata_envs", environment::metadata(context)),
        ("dbt_version", Value::from(DBT_VERSION)),
        ("invocation_id", Value::from(&*context.invocation_id)),
        ("modules", modules::modules(context)),
        ("run_started_at", datetime::utc(context, context.started_at)),
    ];
    let functions = collections::functions().into_iter();
    functions.chain(serialize::functions()).chain(facts)
}

impl Globals {
    /// The same names with `var` for one package.
    /// `vars` are those of the package with everything that overrides them, `--vars` included.
    pub fn with_vars(&self, vars: IndexMap<String, Value>, missing: Missing) -> Self {
        self.with("var", vars::object(vars, missing))
    }

    /// The same names and one more, or another value for it.
    pub fn with(&self, name: &'static str, value: Value) -> Self {
        let mut globals = self.clone();
        globals.own.insert(name, value);
        globals
    }

    /// `ref.config`: the project, its packages and this call, as packages that watch a run read them.
    pub fn runtime_config(&self) -> Value {
        self.config.clone()
    }

    pub fn get(&self, name: &str) -> Option<Value> {
        match self.own.get(name).or_else(|| self.names.get(name)) {
            Some(value) => Some(value.clone()),
            None if name == "thread_id" => Some(environment::thread_id()),
            None => None,
        }
    }

    /// The names that [`Globals::get`] knows, sorted.
    pub fn names(&self) -> Vec<String> {
        let names = self.names.keys().chain(self.own.keys());
        let mut names: Vec<String> = names.map(|name| name.to_string()).collect();
        names.push("thread_id".to_string());
        names.sort();
        names.dedup();
        names
    }
}
