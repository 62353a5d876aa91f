//! The names that a node's code sees when it is rendered for real.

use crate::adapter::Session;
use crate::base::NodeInfo;
use crate::compile::Subject;
use crate::compile::World;
use crate::compile::config_object;
use crate::compile::model_value;
use crate::compile::references;
use crate::graph::Index;
use crate::jinja;
use crate::jinja::Globals;
use crate::jinja::Macro;
use crate::jinja::Results;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Node;
use indexmap::IndexSet;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// One worker's line to the warehouse, as templates use it.
pub type SessionHandle = Arc<Mutex<Session>>;

#[derive(Clone)]
pub struct NodeScope {
    package: String,
    names: FxHashMap<&'static str, Value>,
    globals: Arc<Globals>,
    world: Arc<World>,
    reads: Arc<references::Reads>,
    /// Ids of macros, in the order of their first call.
    called: Arc<Mutex<IndexSet<String>>>,
    /// What unit tests and batches put in the place of macros.
    replaced: Arc<FxHashMap<String, Value>>,
    /// What the session is at work on, for the log.
    about: Option<Arc<NodeInfo>>,
}

impl NodeScope {
    /// The scope of a node's own code, or of one batch of it.
    pub fn of(
        world: &Arc<World>,
        subject: impl Into<Subject>,
        session: Option<&SessionHandle>,
    ) -> Arc<Self> {
        let subject = subject.into();
        let node = world.graph.node(subject.index);
        let reads = Arc::new(references::Reads::default());
        let mut names = common(world, session);
        names.insert("database", Value::from(node.database.as_str()));
        names.insert("schema", Value::from(node.schema.as_str()));
        names.insert(
            "ref",
            references::reference(world, Some(&subject), &node.package, reads.clone(), session),
        );
        names.insert(
            "source",
            references::source(world, Some(&subject), &node.package),
        );
        names.insert(
            "function",
            references::function(world, Some(subject.index), &node.package),
        );
        names.insert("metric", references::metric(world, &node.package));
        names.insert("config", config_object::of(node, &world.observer));
        names.insert("this", jinja::relation(world.relation(node)));
        let other = world.deferral.relations.get(&subject.index);
        let other = other.map(|other| jinja::relation(world.defer_relation(other)));
        names.insert("defer_relation", other.unwrap_or_else(values::none));
        names.insert("model", lazy_model(world, &subject));
        // Until the node's SQL is rendered.
        names.insert("sql", values::none());
        names.insert("compiled_code", values::none());
        names.insert("write", unkept());
        names.insert("builtins", jinja::builtins(&names));
        Arc::new(NodeScope {
            package: node.package.clone(),
            names,
            globals: world.globals_of(&node.package),
            world: world.clone(),
            reads,
            called: Arc::default(),
            replaced: Arc::new(forced(&subject)),
            about: session.and_then(|session| lock(session).task().node.clone()),
        })
    }

    /// A scope outside of any node, such as that of `run-operation`: it may refer to everything.
    pub fn free(world: &Arc<World>, package: &str, session: Option<&SessionHandle>) -> Arc<Self> {
        let reads = Arc::new(references::Reads::default());
        let mut names = common(world, session);
        names.insert(
            "ref",
            references::reference(world, None, package, reads.clone(), session),
        );
        names.insert("source", references::source(world, None, package));
        names.insert("function", references::function(world, None, package));
        names.insert(
            "config",
            config_object::of_nothing(package, &world.observer),
        );
        names.insert("builtins", jinja::builtins(&names));
        Arc::new(NodeScope {
            package: package.to_string(),
            names,
            globals: world.globals_of(package),
            world: world.clone(),
            reads,
            called: Arc::default(),
            replaced: Arc::default(),
            about: None,
        })
    }

    /// The scope of a macro that is called by itself: `model` is the macro, and there is no SQL.
    pub fn of_macro(
        world: &Arc<World>,
        found: &Macro,
        package: &str,
        session: &SessionHandle,
    ) -> Arc<Self> {
        let mut scope = NodeScope::clone(&NodeScope::free(world, package, Some(session)));
        let config = config_object::of_nothing(&found.unique_id, &world.observer);
        scope.names.insert("config", config);
        scope.names.insert("model", macro_value(world, found));
        for name in ["sql", "pre_hooks", "post_hooks"] {
            scope.names.insert(name, values::none());
        }
        Arc::new(scope).with_builtins()
    }

    /// The same scope with one more name, or another value for it.
    pub fn with(self: &Arc<Self>, name: &'static str, value: Value) -> Arc<Self> {
        let mut scope = NodeScope::clone(self);
        scope.names.insert(name, value);
        Arc::new(scope)
    }

    /// The same scope, its `builtins` made of the names it has now.
    pub(super) fn with_builtins(self: &Arc<Self>) -> Arc<Self> {
        self.with("builtins", jinja::builtins(&self.names))
    }

    /// The same scope with values in the place of macros, by name or `package.name`.
    pub(super) fn replacing(self: &Arc<Self>, macros: FxHashMap<String, Value>) -> Arc<Self> {
        Arc::new(NodeScope {
            replaced: Arc::new(macros),
            ..NodeScope::clone(self)
        })
    }

    /// Ids of the nodes that the call is about.
    fn selected(&self) -> Value {
        let ids = self.world.selected.iter();
        values::list(ids.map(|id| Value::from(id.as_str())))
    }

    /// Ephemeral models that were read so far, in the order of their first mention.
    pub fn ephemeral_reads(&self) -> Vec<Index> {
        self.reads.list()
    }
}

impl NodeScope {
    /// Ids of the macros that the code itself has called so far.
    pub(super) fn called_macros(&self) -> Vec<String> {
        let called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        called.iter().cloned().collect()
    }
}

impl Scope for NodeScope {
    fn get(&self, name: &str) -> Option<Value> {
        match self.names.get(name) {
            Some(value) => Some(value.clone()),
            // As long as the project is large: made for those who ask.
            None if name == "graph" => Some(self.world.graph_value()),
            None if name == "selected_resources" => Some(self.selected()),
            None => self.globals.get(name),
        }
    }

    fn package(&self) -> &str {
        &self.package
    }

    fn entered(&self, macro_id: &str, depth: usize) {
        if depth == 1 {
            let mut called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
            if !called.contains(macro_id) {
                called.insert(macro_id.to_string());
            }
        }
    }

    fn replaced(&self, name: &str) -> Option<Value> {
        self.replaced.get(name).cloned()
    }

    fn node(&self) -> Option<Arc<NodeInfo>> {
        self.about.clone()
    }

    fn names(&self) -> Vec<String> {
        let own = self.names.keys().map(|name| name.to_string());
        own.chain(["graph", "selected_resources"].map(str::to_string))
            .chain(self.globals.names())
            .collect()
    }
}

/// Names that every rendering has.
fn common(world: &Arc<World>, session: Option<&SessionHandle>) -> FxHashMap<&'static str, Value> {
    let mut names = FxHashMap::default();
    names.insert("execute", Value::from(true));
    names.insert("database", Value::from(world.database.as_str()));
    names.insert("schema", Value::from(world.schema.as_str()));
    names.insert("render", jinja::render_function());
    names.extend(Results::default().functions());
    if let Some(session) = session {
        jinja::add_warehouse_names(&mut names, session);
    }
    names
}

/// The node's dictionary; made only when something looks into it.
fn lazy_model(world: &Arc<World>, subject: &Subject) -> Value {
    let (world, subject) = (world.clone(), subject.clone());
    jinja::values::lazy(move || model_value(&world, subject.clone(), None))
}

/// `write(text)` in a node's own text: what builds the node comes later and is kept instead.
fn unkept() -> Value {
    jinja::function("write", |_, mut args| {
        args.required("payload")?;
        args.finish()?;
        Ok(Value::from(""))
    })
}

/// A macro as the manifest lists it, without what properties files say about it.
fn macro_value(world: &Arc<World>, found: &Macro) -> Value {
    let called = world.engine.registry().called_by(found);
    let called = values::list(called.into_iter().map(Value::from));
    values::dict([
        ("name", Value::from(found.name.as_str())),
        ("resource_type", Value::from("macro")),
        ("package_name", Value::from(found.package.as_str())),
        ("path", Value::from(found.path.as_str())),
        ("original_file_path", Value::from(found.path.as_str())),
        ("unique_id", Value::from(found.unique_id.as_str())),
        ("macro_sql", Value::from(found.text())),
        ("depends_on", values::dict([("macros", called)])),
    ])
}

fn forced(subject: &Subject) -> FxHashMap<String, Value> {
    let batch = subject.batch.as_ref();
    let names = batch.map_or_else(Vec::new, |batch| batch.forced_names());
    names
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect()
}

/// Locks a session; a worker that panicked leaves it usable.
pub fn lock(session: &SessionHandle) -> std::sync::MutexGuard<'_, Session> {
    session.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Only for messages.
pub(super) fn title(node: &Node) -> String {
    format!("{} \"{}\"", node.resource.as_str(), node.name)
}
