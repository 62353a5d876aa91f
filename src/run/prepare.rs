//! What has to stand before the first step: schemas, and what the warehouse already holds.

use crate::adapter::Relation;
use crate::base::Diagnostic;
use crate::compile;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::jinja;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Node;
use crate::node::Resource;
use crate::plan::Plan;
use crate::plan::Work;
use crate::run::Call;
use crate::run::python;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Database and schema names.
pub type Schemas = BTreeSet<(String, String)>;

/// Creates the schemas that the steps write to, and reads the schemas that they may look into.
/// Returns the schemas written to.
pub fn prepare(
    call: &Call<'_>,
    plan: &Plan,
    session: &SessionHandle,
) -> Result<Schemas, Box<Diagnostic>> {
    let written = written_schemas(call, plan);
    let known = if call.world.flags.cache_selected_only {
        written.clone()
    } else {
        all_schemas(call, &written)
    };
    python::check(call, plan)?;
    create(call, &written, session)?;
    if call.world.flags.populate_cache {
        read(call, &known, session)?;
    }
    Ok(written)
}

/// Reads what the warehouse holds, without creating anything.
pub fn look(call: &Call<'_>, session: &SessionHandle) -> Result<(), Box<Diagnostic>> {
    if call.world.flags.populate_cache {
        read(call, &all_schemas(call, &Schemas::new()), session)?;
    }
    Ok(())
}

/// The schemas of the nodes that leave something behind.
fn written_schemas(call: &Call<'_>, plan: &Plan) -> Schemas {
    let steps = plan
        .steps
        .iter()
        .filter(|step| matches!(step.work, Work::Materialize | Work::Check | Work::Clone));
    let nodes = steps.map(|step| call.world.graph.node(step.node));
    nodes
        .filter(|node| leaves_relation(call, node))
        .map(place)
        .collect()
}

/// Whether a node's turn leaves a relation behind; that of a test holds its failures.
pub(super) fn leaves_relation(call: &Call<'_>, node: &Node) -> bool {
    match node.resource {
        Resource::Test => {
            let stores = node
                .config
                .flag("store_failures")
                .unwrap_or(call.world.flags.store_failures);
            let stored_as = node.config.text("store_failures_as");
            stored_as.map_or(stores, |kind| kind != "ephemeral")
        }
        Resource::Function => true,
        _ => node.has_relation(),
    }
}

fn all_schemas(call: &Call<'_>, written: &Schemas) -> Schemas {
    let nodes = call
        .world
        .graph
        .nodes()
        .filter(|node| node.has_relation() && node.resource != Resource::Source);
    nodes.map(place).chain(written.iter().cloned()).collect()
}

fn place(node: &Node) -> (String, String) {
    (node.database.clone(), node.schema.clone())
}

/// Creates what is missing through the `create_schema` macro, which users override.
fn create(
    call: &Call<'_>,
    wanted: &Schemas,
    session: &SessionHandle,
) -> Result<(), Box<Diagnostic>> {
    for (database, schemas) in by_database(wanted) {
        let existing = compile::lock(session)
            .list_schemas(&database)
            .map_err(warehouse)?;
        for schema in schemas {
            if existing
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&schema))
            {
                continue;
            }
            let package = call.world.graph.root_package();
            let scope: Arc<dyn Scope> = NodeScope::free(call.world, package, Some(session));
            let relation = jinja::relation(Relation::new(
                call.world.dialect,
                Some(&database),
                Some(&schema),
                None,
            ));
            let engine = &call.world.engine;
            let made = engine.call_overriding("create_schema", vec![relation], &scope);
            made.map_err(|error| Box::new(error.diagnostic()))?;
            compile::lock(session).commit().map_err(warehouse)?;
        }
    }
    Ok(())
}

/// Fills the cache; a user's own `list_relations_without_caching` says what there is.
fn read(call: &Call<'_>, known: &Schemas, session: &SessionHandle) -> Result<(), Box<Diagnostic>> {
    let registry = call.world.engine.registry();
    if registry.is_overridden("list_relations_without_caching") {
        return read_by_macro(call, known, session);
    }
    for (database, schemas) in by_database(known) {
        compile::lock(session)
            .fill_cache(&database, &schemas)
            .map_err(warehouse)?;
    }
    Ok(())
}

fn read_by_macro(
    call: &Call<'_>,
    known: &Schemas,
    session: &SessionHandle,
) -> Result<(), Box<Diagnostic>> {
    let package = call.world.graph.root_package();
    for (database, schema) in known {
        let relation = Relation::new(call.world.dialect, Some(database), Some(schema), None);
        let scope: Arc<dyn Scope> = NodeScope::free(call.world, package, Some(session))
            .with("asked", jinja::relation(relation));
        let asking = "adapter.list_relations_without_caching(asked)";
        let found = call.world.engine.expression(asking, &scope);
        let found = found.map_err(|error| Box::new(error.diagnostic()))?;
        let relations = values::items(&found)
            .iter()
            .filter_map(jinja::relation_of)
            .collect();
        call.warehouse.cache.fill(database, schema, relations);
    }
    compile::lock(session).rollback().map_err(warehouse)
}

fn by_database(schemas: &Schemas) -> BTreeMap<String, Vec<String>> {
    let mut sorted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (database, schema) in schemas {
        sorted
            .entry(database.clone())
            .or_default()
            .push(schema.clone());
    }
    sorted
}

fn warehouse(error: crate::adapter::AdapterError) -> Box<Diagnostic> {
    Box::new(error.diagnostic())
}
