//! Renders a node's code with recording stand-ins, before anything is known about other nodes.
//! Promise: nothing asks a warehouse; every `ref`, `source`, `config` and macro call is written down.

use crate::adapter::Relation;
use crate::jinja;
use crate::jinja::Args;
use crate::jinja::CallSite;
use crate::jinja::Error;
use crate::jinja::Globals;
use crate::jinja::Scope;
use crate::jinja::Value;
use crate::jinja::values;
use crate::node::Ref;
use crate::node::Render;
use indexmap::IndexSet;
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
    /// Each `config()` call, in order.
    pub configs: Vec<Map<String, serde_json::Value>>,
    /// Ids of macros called straight from the code, in the order of their first call.
    pub macros: IndexSet<String>,
    pub render: Render,
}

impl Default for Captured {
    fn default() -> Self {
        Captured {
            refs: Vec::new(),
            sources: Vec::new(),
            configs: Vec::new(),
            macros: IndexSet::new(),
            render: Render::Ahead,
        }
    }
}

/// The names that a node's code sees while it is captured.
pub(super) struct CaptureScope {
    package: String,
    names: FxHashMap<&'static str, Value>,
    globals: Arc<Globals>,
    recorder: Arc<Recorder>,
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
    pub(super) fn new(subject: Subject<'_>, globals: Arc<Globals>) -> Arc<Self> {
        let recorder = Arc::new(Recorder::default());
        let this = jinja::relation(subject.this);
        let mut names = FxHashMap::default();
        names.insert("ref", reference(recorder.clone(), this.clone()));
        names.insert("source", source(recorder.clone(), this.clone()));
        names.insert("config", config::object(recorder.clone()));
        names.insert("this", this);
        names.insert("model", subject.model);
        names.insert("execute", Value::from(false));
        Arc::new(CaptureScope { package: subject.package.to_string(), names, globals, recorder })
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
        })
    }

    /// What was recorded so far.
    pub(super) fn captured(&self) -> Captured {
        self.recorder.lock().clone()
    }
}

impl Scope for CaptureScope {
    fn get(&self, name: &str) -> Option<Value> {
        // Whoever asks whether this is a real run means to talk to the warehouse then.
        if matches!(name, "execute" | "graph") {
            self.recorder.lock().render = Render::InTurn;
        }
        self.names.get(name).cloned().or_else(|| self.globals.get(name))
    }

    fn package(&self) -> &str {
        &self.package
    }

    fn entered(&self, macro_id: &str, depth: usize) {
        if depth == 1 {
            self.recorder.lock().macros.insert(macro_id.to_string());
        }
    }

    fn is_capture(&self) -> bool {
        true
    }
}

/// `ref('name')`, `ref('package', 'name')`, each with `version=` or `v=`.
fn reference(recorder: Arc<Recorder>, stand_in: Value) -> Value {
    jinja::function("ref", move |call: &CallSite<'_>, args: Args| {
        let mut written = reference_arguments(args)?;
        written.line = call.template_line();
        let mut captured = recorder.lock();
        if !captured.refs.iter().any(|r| same(r, &written)) {
            captured.refs.push(written);
        }
        Ok(stand_in.clone())
    })
}

fn same(a: &Ref, b: &Ref) -> bool {
    (&a.package, &a.name, &a.version) == (&b.package, &b.name, &b.version)
}

/// What the arguments of a `ref()` mean.
pub(crate) fn reference_arguments(mut args: Args) -> Result<Ref, Error> {
    let version = args.keyword("version").or(args.keyword("v"));
    let names = args.texts("ref")?;
    let (package, name) = match names.as_slice() {
        [name] => (None, name.clone()),
        [package, name] => (Some(package.clone()), name.clone()),
        other => {
            let message = format!("ref() takes a model's name, or a package and a name; found {} names", other.len());
            return Err(jinja::error(message));
        }
    };
    let version = version.map(|v| values::to_json(&v)).filter(|v| !v.is_null());
    Ok(Ref { package, name, version, line: None })
}

/// `source('source', 'table')`.
fn source(recorder: Arc<Recorder>, stand_in: Value) -> Value {
    jinja::function("source", move |_: &CallSite<'_>, args: Args| {
        let written = source_arguments(args)?;
        let mut captured = recorder.lock();
        if !captured.sources.contains(&written) {
            captured.sources.push(written);
        }
        Ok(stand_in.clone())
    })
}

/// What the arguments of a `source()` mean.
pub(crate) fn source_arguments(args: Args) -> Result<(String, String), Error> {
    match args.texts("source")?.as_slice() {
        [source, table] => Ok((source.clone(), table.clone())),
        other => {
            let message = format!("source() takes the names of a source and a table; found {} names", other.len());
            Err(jinja::error(message))
        }
    }
}

mod config {
    //! `config(..)` writes settings down; its questions have no answers yet.

    use super::*;
    use minijinja::State;
    use minijinja::value::Object;

    #[derive(Debug)]
    struct ConfigCall(Value);

    pub(super) fn object(recorder: Arc<Recorder>) -> Value {
        let call = jinja::function("config", move |_: &CallSite<'_>, args: Args| {
            let mut settings = Map::new();
            for value in args.positional() {
                match values::to_json(value) {
                    serde_json::Value::Object(map) => settings.extend(map),
                    _ => return Err(jinja::error("config() takes settings by name, or one dictionary of them")),
                }
            }
            for (name, value) in args.keywords() {
                settings.insert(name.to_string(), values::to_json(value));
            }
            recorder.lock().configs.push(settings);
            Ok(Value::from(""))
        });
        Value::from_object(ConfigCall(call))
    }

    impl Object for ConfigCall {
        fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
            self.0.call(state, args)
        }

        fn call_method(
            self: &Arc<Self>,
            _: &mut State<'_, '_>,
            method: &str,
            _: &[Value],
        ) -> Result<Value, Error> {
            match method {
                "persist_relation_docs" | "persist_column_docs" => Ok(Value::from(false)),
                "get" | "require" | "set" | "meta_get" | "meta_require" => Ok(Value::from("")),
                other => Err(jinja::error(format!("config has no method `{other}`"))),
            }
        }
    }
}
