//! Asks the warehouse to describe the project's relations, through the `get_catalog` macro.

use crate::adapter::Relation;
use crate::adapter::Table;
use crate::compile;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::jinja;
use crate::jinja::Scope;
use crate::jinja::table::table_of;
use crate::jinja::values;
use crate::run::Call;
use minijinja::value::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What was described, and what went wrong for the rest.
#[derive(Debug, Default)]
pub struct Description {
    /// A row per column of a relation; one table per database.
    pub tables: Vec<Arc<Table>>,
    pub errors: Vec<String>,
}

/// Describes the schemas that hold the project's nodes and sources.
pub fn describe(call: &Call<'_>, session: &SessionHandle) -> Description {
    let mut found = Description::default();
    for (database, schemas) in schemas(call) {
        match of_database(call, &database, &schemas, session) {
            Ok(table) => found.tables.extend(table),
            Err(error) => found.errors.push(error.message),
        }
    }
    found
}

fn schemas(call: &Call<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut schemas: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in call.world.graph.nodes().filter(|node| node.has_relation()) {
        schemas
            .entry(node.database.clone())
            .or_default()
            .insert(node.schema.clone());
    }
    schemas
}

fn of_database(
    call: &Call<'_>,
    database: &str,
    schemas: &BTreeSet<String>,
    session: &SessionHandle,
) -> Result<Option<Arc<Table>>, jinja::RenderError> {
    let root = call.world.graph.root_package();
    let scope: Arc<dyn Scope> = NodeScope::free(call.world, root, Some(session));
    let relation =
        Relation::new(call.world.dialect, Some(database), None, None).information_schema(None);
    let schemas = values::list(schemas.iter().map(|schema| Value::from(schema.as_str())));
    let arguments = vec![jinja::relation(relation), schemas];
    let answer = call
        .world
        .engine
        .call_overriding("get_catalog", arguments, &scope)?;
    // A description only reads: nothing is to be kept.
    let _ = compile::lock(session).rollback();
    Ok(table_of(&answer))
}
