//! Renders a node's code with recording stand-ins, before anything is known about other nodes.
//! Promise: nothing asks a warehouse; every `ref`, `source`, `config` and macro call is written down.

use crate::adapter::Relation;
use crate::jinja;
use crate::jinja::Args;
use crate::jinja::Globals;
use crate::jinja::Scope;
use crate::jinja::fail;
use crate::jinja::python::methods::config_method;
use crate::jinja::python::methods::method;
use crate::jinja::values;
use crate::node::Ref;
use crate::node::Render;
use crate::parse::own_hooks;
use crate::parse::uses::Watch;
use indexmap::IndexSet;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use serde_json::Map;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// What one node's code said while it was rendered.
#[derive(Debug, Clone)]
pub(super) struct Captured {
    pub refs: Vec<Ref>,
    /// Source and table name.
    pub sources: Vec<(String, String)>,
    /// Each `metric()`.
    pub metrics: Vec<Ref>,
    pub functions: Vec<Ref>,
    /// Each `config()` call, in order.
    pub configs: Vec<Map<String, serde_json::Value>>,
    /// Ids of macros called straight from the code, in the order of their first call.
    pub macros: IndexSet<String>,
    pub render: Render,
}

impl Captured {
    /// Takes in what another text of the same node said; when the code can be rendered stays open
    /// to the code alone.
    pub(super) fn absorb(&mut self, other: Captured) {
        self.refs.extend(other.refs);
        self.sources.extend(other.sources);
        self.metrics.extend(other.metrics);
        self.functions.extend(other.functions);
        self.macros.extend(other.macros);
    }
}

impl Default for Captured {
    fn default() -> Self {
        Captured {
            refs: Vec::new(),
            sources: Vec::new(),
            metrics: Vec::new(),
            functions: Vec::new(),
            configs: Vec::new(),
            macros: IndexSet::new(),
            render: Render::Ahead,
        }
    }
}

/// Sections of `graph`, which nothing is in yet.
const GRAPH: [&str; 8] = [
    "nodes",
    "sources",
    "exposures",
    "groups",
    "metrics",
    "semantic_models",
    "saved_queries",
    "functions",
];

/// The names that a node's code sees while it is captured.
pub(super) struct CaptureScope {
    package: String,
    names: FxHashMap<&'static str, Value>,
    globals: Arc<Globals>,
    recorder: Arc<Recorder>,
    watch: Arc<Watch>,
}

/// What the stand-ins need to know about the node.
pub(super) struct Subject<'a> {
    pub package: &'a str,
    /// Stands for `this` and for whatever a `ref` or `source` would be.
    pub this: Relation,
    /// The node's dictionary as far as it is known.
    pub model: Value,
}

#[derive(Default)]
struct Recorder {
    captured: Mutex<Captured>,
}

impl Recorder {
    fn lock(&self) -> MutexGuard<'_, Captured> {
        self.captured.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CaptureScope {
    pub(super) fn new(subject: Subject<'_>, globals: Arc<Globals>, watch: Watch) -> Arc<Self> {
        let recorder = Arc::new(Recorder::default());
        let mut names = FxHashMap::default();
        // Whoever asks the warehouse means to have an answer when the model runs.
        let heard = recorder.clone();
        let touched = move || heard.lock().render = Render::InTurn;
        jinja::add_capture_names(&mut names, subject.this.dialect, Arc::new(touched));
        let (database, schema) = (subject.this.database.clone(), subject.this.schema.clone());
        let this = jinja::relation(subject.this);
        let watch = Arc::new(watch);
        let of_project = watched(globals.runtime_config(), watch.clone());
        names.insert("ref", reference(recorder.clone(), this.clone(), of_project));
        names.insert("source", source(recorder.clone(), this.clone()));
        names.insert("function", function(recorder.clone(), this.clone()));
        names.insert("metric", metric(recorder.clone()));
        names.insert("config", config(recorder.clone()));
        names.insert("this", this);
        // Those of the target: the node's own are known when its settings are.
        names.insert("database", part(&database));
        names.insert("schema", part(&schema));
        names.insert("model", subject.model);
        names.insert("sql", values::none());
        names.insert("compiled_code", values::none());
        names.insert("execute", Value::from(false));
        names.insert("builtins", jinja::builtins(&names));
        names.insert("render", jinja::render_function());
        names.insert("selected_resources", values::list([]));
        names.insert(
            "graph",
            values::dict(GRAPH.map(|key| (key, values::dict::<&str>([])))),
        );
        Arc::new(CaptureScope {
            package: subject.package.to_string(),
            names,
            globals,
            recorder,
            watch,
        })
    }

    /// A scope with one more name, such as the arguments of a generic test.
    pub(super) fn with(self: Arc<Self>, name: &'static str, value: Value) -> Arc<Self> {
        let mut names = self.names.clone();
        names.insert(name, value);
        Arc::new(CaptureScope {
            package: self.package.clone(),
            names,
            globals: self.globals.clone(),
            recorder: self.recorder.clone(),
            watch: self.watch.clone(),
        })
    }

    /// What was recorded so far.
    pub(super) fn captured(&self) -> Captured {
        self.recorder.lock().clone()
    }
}

impl Scope for CaptureScope {
    fn get(&self, name: &str) -> Option<Value> {
        // Whoever asks whether this is a real run means to talk to the warehouse then; what is
        // logged is heard in the node's turn.
        if matches!(name, "execute" | "graph" | "log" | "print") {
            self.recorder.lock().render = Render::InTurn;
        }
        self.watch.asked(name);
        self.names
            .get(name)
            .cloned()
            .or_else(|| self.globals.get(name))
    }

    fn package(&self) -> &str {
        &self.package
    }

    fn entered(&self, macro_id: &str, depth: usize) {
        self.watch.entered(macro_id);
        if depth == 1 {
            self.recorder.lock().macros.insert(macro_id.to_string());
        }
    }

    fn names(&self) -> Vec<String> {
        self.names
            .keys()
            .map(|name| name.to_string())
            .chain(self.globals.names())
            .collect()
    }
}

/// `ref.config`, which holds the arguments of the call: whoever looks into it is noted.
fn watched(config: Value, watch: Arc<Watch>) -> Value {
    values::lazy(move || {
        watch.asked("invocation_args_dict");
        config.clone()
    })
}

fn part(name: &Option<String>) -> Value {
    name.as_deref().map_or_else(values::none, Value::from)
}

/// `ref('name')`, `ref('package', 'name')`, each with `version=` or `v=`.
fn reference(recorder: Arc<Recorder>, stand_in: Value, config: Value) -> Value {
    jinja::function_with("ref", vec![("config", config)], move |_, args| {
        let written = reference_arguments(args)?;
        recorder.lock().refs.push(written);
        Ok(stand_in.clone())
    })
}

/// What the arguments of a `ref()` mean.
pub fn reference_arguments(mut args: Args<'_>) -> Result<Ref, Error> {
    let names = args.rest();
    let mut version = None;
    for (name, value) in args.keywords() {
        match name.as_str() {
            "version" | "v" => {
                version = version.or(Some(values::to_json(&value)).filter(|v| !v.is_null()))
            }
            other => {
                return Err(fail(format!(
                    "ref() got an unexpected keyword argument '{other}'"
                )));
            }
        }
    }
    let (package, name) = match texts("ref", &names)?.as_slice() {
        [name] => (None, name.clone()),
        [package, name] => (Some(package.clone()), name.clone()),
        other => {
            let message = format!(
                "ref() takes a model's name, or a package and a name; found {} names",
                other.len()
            );
            return Err(fail(message));
        }
    };
    Ok(Ref {
        package,
        name,
        version: version.map(Box::new),
    })
}

/// `source('source', 'table')`.
fn source(recorder: Arc<Recorder>, stand_in: Value) -> Value {
    jinja::function("source", move |_, args| {
        let written = source_arguments(args)?;
        recorder.lock().sources.push(written);
        Ok(stand_in.clone())
    })
}

/// What the arguments of a `source()` mean: the names of the source and the table.
pub fn source_arguments(mut args: Args<'_>) -> Result<(String, String), Error> {
    match texts("source", &args.rest())?.as_slice() {
        [source, table] => Ok((source.clone(), table.clone())),
        other => {
            let message = format!(
                "source() takes the names of a source and a table; found {} names",
                other.len()
            );
            Err(fail(message))
        }
    }
}

fn texts(function: &str, values: &[Value]) -> Result<Vec<String>, Error> {
    let text = |value: &Value| {
        let wrong = || {
            fail(format!(
                "{function}() takes names as texts, found {}",
                value.kind()
            ))
        };
        value.as_str().map(str::to_string).ok_or_else(wrong)
    };
    values.iter().map(text).collect()
}

/// `function('name')`, `function('package', 'name')`.
fn function(recorder: Arc<Recorder>, stand_in: Value) -> Value {
    jinja::function("function", move |_, args| {
        let written = function_arguments(args)?;
        recorder.lock().functions.push(written);
        Ok(stand_in.clone())
    })
}

/// What the arguments of a `function()` mean.
pub fn function_arguments(mut args: Args<'_>) -> Result<Ref, Error> {
    let names = args.rest();
    args.finish()?;
    match texts("function", &names)?.as_slice() {
        [name] => Ok(Ref {
            package: None,
            name: name.clone(),
            version: None,
        }),
        [package, name] => Ok(Ref {
            package: Some(package.clone()),
            name: name.clone(),
            version: None,
        }),
        other => {
            let message = format!(
                "function() takes a function's name, or a package and a name; found {} names",
                other.len()
            );
            Err(fail(message))
        }
    }
}

/// `metric('name')`, `metric('package', 'name')`. It stands for its name.
fn metric(recorder: Arc<Recorder>) -> Value {
    jinja::function("metric", move |_, args| {
        let written = metric_arguments(args)?;
        let name = Value::from(written.name.as_str());
        recorder.lock().metrics.push(written);
        Ok(name)
    })
}

/// What the arguments of a `metric()` mean.
pub fn metric_arguments(mut args: Args<'_>) -> Result<Ref, Error> {
    let (package, name) = match texts("metric", &args.rest())?.as_slice() {
        [name] => (None, name.clone()),
        [package, name] => (Some(package.clone()), name.clone()),
        other => {
            let message = format!(
                "metric() takes a metric's name, or a package and a name; found {} names",
                other.len()
            );
            return Err(fail(message));
        }
    };
    Ok(Ref {
        package,
        name,
        version: None,
    })
}

/// `config(..)` writes settings down; its questions have no answers yet.
#[derive(Debug)]
struct ConfigCall(Value);

fn config(recorder: Arc<Recorder>) -> Value {
    let call = jinja::function("config", move |_, mut args| {
        let mut settings = Map::new();
        for value in args.rest() {
            match values::to_json(&value) {
                serde_json::Value::Object(map) => settings.extend(map),
                _ => {
                    return Err(fail(
                        "config() takes settings by name, or one dictionary of them",
                    ));
                }
            }
        }
        for (name, value) in args.keywords() {
            settings.insert(name, values::to_json(&value));
        }
        if let Some(conflict) = own_hooks::conflict(&settings) {
            return Err(fail(conflict));
        }
        recorder.lock().configs.push(settings);
        Ok(Value::from(""))
    });
    Value::from_object(ConfigCall(call))
}

impl Object for ConfigCall {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = config_method(key.as_str()?)?;
        Some(method(Value::from_dyn_object(self.clone()), name))
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.0.call(state, args)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "set" => {
                let mut args = Args::new("config.set", args);
                let name = args.required_str("name")?;
                let setting = values::dict([(name, args.required("value")?)]);
                self.0.call(state, &[setting])
            }
            "persist_relation_docs" | "persist_column_docs" => Ok(Value::from(false)),
            "get" | "require" | "meta_get" | "meta_require" => Ok(Value::from("")),
            other => Err(fail(format!("config has no method `{other}`"))),
        }
    }
}
