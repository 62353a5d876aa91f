//! Foreign keys with the relations that they lead to: `to: ref('x')` becomes `"db"."schema"."x"`.

use crate::compile::World;
use crate::graph::Index;
use crate::graph::Search;
use crate::graph::Target;
use crate::jinja;
use crate::jinja::Names;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Constraint;
use crate::node::Detail;
use crate::node::Node;
use crate::node::unit_test::Input;
use crate::parse;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// The node with relations in the place of references; the node itself where it has no foreign keys.
pub fn resolved(world: &World, index: Index) -> Cow<'_, Node> {
    let node = world.graph.node(index);
    let leads_on = |constraint: &Constraint| constraint.to.is_some();
    let Detail::Model(model) = &node.detail else {
        return Cow::Borrowed(node);
    };
    let mut of_columns = node.columns.values().flat_map(|c| &c.constraints);
    if !model.constraints.iter().any(leads_on) && !of_columns.any(leads_on) {
        return Cow::Borrowed(node);
    }
    let mut node = node.clone();
    let package = node.package.clone();
    if let Detail::Model(model) = &mut node.detail {
        lead_on(world, &package, &mut model.constraints);
    }
    for column in Arc::make_mut(&mut node.columns).values_mut() {
        lead_on(world, &package, &mut column.constraints);
    }
    Cow::Owned(node)
}

/// A reference that leads nowhere stays as it is: it was told when the project was read.
fn lead_on(world: &World, package: &str, constraints: &mut [Constraint]) {
    for to in constraints.iter_mut().filter_map(|c| c.to.as_mut()) {
        if let Some(relation) = relation(world, package, to) {
            *to = relation;
        }
    }
}

/// The relation that `ref('x')` or `source('x', 'y')` names.
fn relation(world: &World, package: &str, to: &str) -> Option<String> {
    let target = match read(world, package, to)? {
        Input::Ref(written) => world.graph.resolve_ref(&Search {
            name: &written.name,
            package: written.package.as_deref(),
            version: written.version.as_deref(),
            from: package,
        }),
        Input::Source(source, table) => world.graph.resolve_source(&source, &table, package),
        Input::This => return None,
    };
    match target {
        Target::Found(index) => world.graph.node(index).relation_name.clone(),
        Target::Disabled | Target::Missing => None,
    }
}

fn read(world: &World, package: &str, to: &str) -> Option<Input> {
    let found: Arc<Mutex<Option<Input>>> = Arc::default();
    let note = |input: Input, found: &Mutex<Option<Input>>| {
        *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(input);
        Ok(values::none())
    };
    let (of_ref, of_source) = (found.clone(), found.clone());
    let reference = jinja::function("ref", move |_, args| {
        note(Input::Ref(parse::reference_arguments(args)?), &of_ref)
    });
    let source = jinja::function("source", move |_, args| {
        let (source, table) = parse::source_arguments(args)?;
        note(Input::Source(source, table), &of_source)
    });
    let names = Names::new(package)
        .with("ref", reference)
        .with("source", source);
    let scope: Arc<dyn Scope> = Arc::new(names);
    world.engine.expression(to, &scope).ok()?;
    found.lock().unwrap_or_else(PoisonError::into_inner).take()
}
