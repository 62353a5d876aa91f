//! Final SQL: a node's code rendered with real names, ephemeral models put in front.
//! Promise: a node refers only to nodes it declared, so that the order of work is right.
//! Not here: materializations (`run`), what is in the SQL (`analyse`).

mod ahead;
mod batch;
mod config_object;
mod constraints;
mod deferral;
mod ephemeral;
mod graph_object;
mod known_columns;
mod origin;
mod python;
mod references;
mod row_types;
mod scope;
mod seed_rows;
mod stand_ins;
mod unit_test;
mod world;

use crate::base::Diagnostic;
use crate::base::Place;
use crate::graph::Index;
use crate::jinja;
use crate::jinja::RenderError;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::jinja::values;
use crate::node::Detail;
use crate::node::Node;
use crate::node::UniqueId;
use crate::node::dictionary;
use crate::node::dictionary::Surroundings;
use crate::parse;
use minijinja::value::Value;
use std::sync::Arc;

pub use ahead::Ahead;
pub use ahead::ahead;
pub use batch::Batch;
pub use batch::Onto;
pub use batch::Subject;
pub use config_object::with_settings as config_with;
pub use constraints::resolved as with_resolved_constraints;
pub use deferral::DeferRule;
pub use deferral::Deferral;
pub use ephemeral::inject;
pub use origin::place_of;
pub use scope::NodeScope;
pub use scope::SessionHandle;
pub use scope::lock;
pub use seed_rows::SeedFile;
pub use world::Kept;
pub use world::Paths;
pub use world::QueryComment;
pub use world::World;

/// The outcome of a final render.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// With ephemeral models in front.
    pub code: Arc<str>,
    /// Ids and texts of the ephemeral models that were put in front, in that order.
    pub extra_ctes: Vec<(UniqueId, String)>,
    /// Ids of the macros that the code called itself.
    pub macros: Vec<String>,
}

/// Renders one node, or one batch of it. `session` is its line to the warehouse, for code that asks it.
pub fn node(
    world: &Arc<World>,
    subject: impl Into<Subject>,
    session: Option<&SessionHandle>,
) -> Result<Compiled, Box<Diagnostic>> {
    let subject = subject.into();
    let node = world.graph.node(subject.index);
    if let (Detail::UnitTest(test), Some(session)) = (&node.detail, session) {
        return unit_test::compile(world, subject.index, test, session);
    }
    let scope = NodeScope::of(world, subject, session);
    let code = render(world, node, &scope).map_err(|error| headed(error.diagnostic(), node))?;
    ephemeral::inject(world, code, &scope, session)
}

/// The text of a node's code, before ephemeral models are put in front.
fn render(world: &Arc<World>, node: &Node, scope: &Arc<NodeScope>) -> Result<String, RenderError> {
    match (node.language, &node.detail) {
        ("python", Detail::Function(_)) => return Ok(node.raw_code.to_string()),
        ("python", _) => return python::code(world, node, scope),
        _ => {}
    }
    let mut scope = scope.clone();
    if let Detail::Test(test) = &node.detail
        && let Some(metadata) = &test.metadata
    {
        let plain: Arc<dyn Scope> = scope.clone();
        let arguments = parse::test_arguments(&world.engine, &metadata.kwargs, &plain)?;
        scope = scope.with(parse::TEST_KWARGS, arguments);
    }
    let scope: Arc<dyn Scope> = scope;
    world.engine.render(&template(node), &scope)
}

/// The code of a node as a template.
pub fn template(node: &Node) -> Template {
    match &node.code {
        Some(code) => Template::part(&node.file, code.clone()),
        None => Template::made(&Place::line(&node.file, node.first_line), &node.raw_code),
    }
}

/// The node's dictionary with everything known about it, as `model` in its templates.
pub fn model_value(
    world: &World,
    subject: impl Into<Subject>,
    compiled: Option<&Compiled>,
) -> Value {
    let Subject { index, batch } = subject.into();
    let node = &*constraints::resolved(world, index);
    let around = Surroundings {
        depends_on: world.graph.parent_ids(index),
        defer_relation: world.deferral.relations.get(&index),
        compiled: compiled.map(|compiled| dictionary::Compiled {
            path: world.paths.compiled(node, batch.as_deref()),
            code: &compiled.code,
            extra_ctes: &compiled.extra_ctes,
            macros: &compiled.macros,
        }),
        build_path: None,
    };
    let mut map = dictionary::of(node, &around);
    dictionary::leave_out_none(&mut map);
    let value = values::from_json(&serde_json::Value::Object(map));
    let is_in_parts = || node.is_microbatch();
    let own = match batch {
        Some(batch) => batch.value(),
        // Rendered as a whole, where nothing is built.
        None if is_in_parts() => values::nothing(),
        None => return value,
    };
    let own = [("batch".to_string(), own)];
    values::dict(values::pairs(&value).into_iter().chain(own))
}

/// The ephemeral model, read by a node straight or through others, whose code a mistake is in.
pub fn broken_ephemeral<'a>(
    world: &'a World,
    index: Index,
    found: &Diagnostic,
) -> Option<&'a Node> {
    let headline = found.headline.as_deref()?;
    let mut open: Vec<Index> = world.graph.parents(index).to_vec();
    while let Some(index) = open.pop() {
        let node = world.graph.node(index);
        if !node.is_ephemeral() {
            continue;
        }
        if headline.ends_with(&at_node(node)) {
            return Some(node);
        }
        open.extend(world.graph.parents(index));
    }
    None
}

/// ` in model orders (models/orders.sql)`
fn at_node(node: &Node) -> String {
    format!(
        " in {} {} ({})",
        node.resource.as_str(),
        node.name,
        node.original_file_path
    )
}

/// The node with all its fields, also those that have no value, as `result.node` in hooks.
pub fn node_value(
    world: &World,
    index: Index,
    compiled: Option<dictionary::Compiled<'_>>,
) -> Value {
    let around = Surroundings {
        depends_on: world.graph.parent_ids(index),
        compiled,
        build_path: None,
        defer_relation: world.deferral.relations.get(&index),
    };
    let map = dictionary::of(world.graph.node(index), &around);
    values::from_json(&serde_json::Value::Object(map))
}

/// A mistake in a node's code, with the words by which callers know it.
pub fn headed(diagnostic: Diagnostic, node: &Node) -> Box<Diagnostic> {
    let place = || Place::line(&node.file, node.first_line);
    let place = diagnostic.place.clone().unwrap_or_else(place);
    let diagnostic = diagnostic.at(place);
    if diagnostic.headline.is_some() {
        return Box::new(diagnostic);
    }
    let family = jinja::family_of(diagnostic.code).as_str();
    let headline = format!("{family} Error{}", at_node(node));
    Box::new(diagnostic.headline(headline))
}
