//! `ref()` and `source()` for real: names become relations.

use crate::adapter::Relation;
use crate::adapter::relation::EventTime;
use crate::base::Diagnostic;
use crate::base::Window;
use crate::base::window;
use crate::compile::SessionHandle;
use crate::compile::Subject;
use crate::compile::World;
use crate::compile::scope::title;
use crate::graph::Index;
use crate::graph::Search;
use crate::graph::Target;
use crate::jinja;
use crate::jinja::fail_with;
use crate::node::Node;
use crate::node::Ref;
use crate::node::Resource;
use crate::parse;
use minijinja::Error;
use minijinja::value::Value;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// The ephemeral models that a text has read.
#[derive(Debug, Default)]
pub(super) struct Reads {
    found: Mutex<Vec<Index>>,
}

impl Reads {
    fn note(&self, index: Index) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if !found.contains(&index) {
            found.push(index);
        }
    }

    pub(super) fn list(&self) -> Vec<Index> {
        self.found
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// `ref()` in the code of `node`, or, with `None`, in code that belongs to no node.
pub(super) fn reference(
    world: &Arc<World>,
    reader: Option<&Subject>,
    package: &str,
    reads: Arc<Reads>,
    session: Option<&SessionHandle>,
) -> Value {
    let (world, package, session) = (world.clone(), package.to_string(), session.cloned());
    let reader = reader.cloned();
    let config = world.globals_of(&package).runtime_config();
    jinja::function_with("ref", vec![("config", config)], move |_, args| {
        let written = parse::reference_arguments(args)?;
        let index = resolve_ref(&world, &package, &written)?;
        if let Some(reader) = &reader {
            check_declared(&world, reader.index, index, &call_text(&written))?;
        }
        let target = world.graph.node(index);
        if target.is_ephemeral() {
            reads.note(index);
            let mut relation = Relation::cte(world.dialect, &cte_name(target));
            relation.limit = world.flags.empty.then_some(0);
            return Ok(jinja::relation(relation));
        }
        let relation = match world.deferred(index, session.as_ref()) {
            Some(deferred) => deferred,
            None => world.relation(target),
        };
        let read = limited(&world, relation, target, reader.as_ref());
        Ok(jinja::relation(read))
    })
}

/// `source()` in the code of `node`, or, with `None`, in code that belongs to no node.
pub(super) fn source(world: &Arc<World>, reader: Option<&Subject>, package: &str) -> Value {
    let (world, package) = (world.clone(), package.to_string());
    let reader = reader.cloned();
    jinja::function("source", move |_, args| {
        let (source, table) = parse::source_arguments(args)?;
        let index = resolve_source(&world, &package, &source, &table)?;
        if let Some(reader) = &reader {
            check_declared(
                &world,
                reader.index,
                index,
                &format!("source('{source}', '{table}')"),
            )?;
        }
        let target = world.graph.node(index);
        let relation = world.relation(target);
        let read = limited(&world, relation, target, reader.as_ref());
        Ok(jinja::relation(read))
    })
}

/// `function()` in the code of `node`, or, with `None`, in code that belongs to no node.
pub(super) fn function(world: &Arc<World>, node: Option<Index>, package: &str) -> Value {
    let (world, package) = (world.clone(), package.to_string());
    jinja::function("function", move |_, args| {
        let written = parse::function_arguments(args)?;
        let index = match world.graph.resolve_function(&written, &package) {
            Target::Found(index) => index,
            Target::Disabled | Target::Missing => {
                let message = format!(
                    "depends on a function named '{}' which was not found",
                    written.name
                );
                return Err(fail_with(Diagnostic::error("unknown-function", message)));
            }
        };
        if let Some(node) = node {
            check_declared(
                &world,
                node,
                index,
                &format!("function('{}')", written.name),
            )?;
        }
        let other = world.deferred(index, None);
        let relation = other.unwrap_or_else(|| world.relation(world.graph.node(index)));
        Ok(jinja::relation(relation))
    })
}

/// The node that a `ref()` in code of `package` means.
pub(super) fn resolve_ref(world: &World, package: &str, written: &Ref) -> Result<Index, Error> {
    let search = Search {
        name: &written.name,
        package: written.package.as_deref(),
        version: written.version.as_deref(),
        from: package,
    };
    match world.graph.resolve_ref(&search) {
        Target::Found(index) => Ok(index),
        Target::Disabled => Err(nowhere(written, "which is disabled")),
        Target::Missing => Err(nowhere(written, "which was not found")),
    }
}

/// The table that a `source()` in code of `package` means.
pub(super) fn resolve_source(
    world: &World,
    package: &str,
    source: &str,
    table: &str,
) -> Result<Index, Error> {
    match world.graph.resolve_source(source, table, package) {
        Target::Found(index) => Ok(index),
        Target::Disabled | Target::Missing => {
            let message =
                format!("depends on a source named '{source}.{table}' which was not found");
            Err(fail_with(Diagnostic::error("unknown-source", message)))
        }
    }
}

/// `metric()`: the name of a metric that is there.
pub(super) fn metric(world: &Arc<World>, package: &str) -> Value {
    let (world, package) = (world.clone(), package.to_string());
    jinja::function("metric", move |_, args| {
        let written = parse::metric_arguments(args)?;
        match world.graph.resolve_metric(&written, &package) {
            Target::Found(index) => Ok(Value::from(world.graph.node(index).name.as_str())),
            Target::Disabled | Target::Missing => {
                let message = format!(
                    "depends on a metric named '{}' which was not found",
                    written.name
                );
                Err(fail_with(Diagnostic::error("unknown-metric", message)))
            }
        }
    })
}

/// The name that stands for an ephemeral model, its version included.
pub(super) fn cte_name(node: &Node) -> String {
    match node.version() {
        Some(_) => node.alias.clone(),
        None => node.name.clone(),
    }
}

/// With `--empty` a relation is read without rows; batches and samples read a window of time.
/// Python models read relations whole, as they do in dbt.
fn limited(
    world: &World,
    mut relation: Relation,
    node: &Node,
    reader: Option<&Subject>,
) -> Relation {
    let language = reader.map(|reader| world.graph.node(reader.index).language);
    if language == Some("python") {
        return relation;
    }
    if world.flags.empty {
        relation.limit = Some(0);
    }
    let window = reader.and_then(|reader| window_of(world, reader));
    if let (Some(window), Some(field)) = (window, node.config.text("event_time")) {
        relation.event_time = Some(EventTime {
            field: field.to_string(),
            start: Some(window::sql_text(window.start)),
            end: Some(window::sql_text(window.end)),
        });
    }
    relation
}

/// What a node may read of what has a time: its batch, the sample, or what both have in common.
fn window_of(world: &World, reader: &Subject) -> Option<Window> {
    let node = world.graph.node(reader.index);
    let is_sampled = matches!(node.resource, Resource::Model | Resource::Snapshot);
    let sample = world.sample.filter(|_| is_sampled);
    let batch = reader.batch.as_ref().map(|batch| batch.window);
    match (batch, sample) {
        (Some(batch), Some(sample)) => Some(batch.within(sample)),
        (batch, sample) => batch.or(sample),
    }
}

/// A reference that was not there when the node was captured would break the order of work.
fn check_declared(world: &World, node: Index, target: Index, call: &str) -> Result<(), Error> {
    let reader = world.graph.node(node);
    let is_declared =
        node == target || world.graph.parents(node).contains(&target) || reads_all(reader);
    if is_declared {
        return Ok(());
    }
    let message = format!(
        "dbt was unable to infer all dependencies for the {}: {call} runs only in some cases, and was not seen \
         when the project was read",
        title(reader)
    );
    let hint = format!(
        "name it where it is always seen, at the top of the file: `-- depends_on: {{{{ {call} }}}}`"
    );
    Err(fail_with(
        Diagnostic::error("undeclared-ref", message).hint(hint),
    ))
}

/// Hooks and inline queries are not ordered by what they read.
fn reads_all(node: &Node) -> bool {
    matches!(node.resource, Resource::Operation | Resource::SqlOperation)
}

pub(super) fn call_text(written: &Ref) -> String {
    match &written.package {
        Some(package) => format!("ref('{package}', '{}')", written.name),
        None => format!("ref('{}')", written.name),
    }
}

fn nowhere(written: &Ref, outcome: &str) -> Error {
    let message = format!("depends on a node named '{}' {outcome}", written.name);
    fail_with(Diagnostic::error("unknown-ref", message))
}
