//! The columns of a node's relation, whether or not it is in the warehouse yet.
//!
//! What stands in the warehouse is asked first. Where nothing stands, the columns follow from the
//! project: a seed's file tells them, a source's or Python model's description declares them, and a
//! model's own query is run over empty stand-ins for what it reads, all the way up.
//! Promise: nothing is built; a node about which nothing is known has no columns.

use crate::adapter::Column;
use crate::compile;
use crate::compile::SessionHandle;
use crate::compile::World;
use crate::compile::scope::lock;
use crate::compile::seed_rows;
use crate::compile::stand_ins::StandIns;
use crate::compile::world::Columns;
use crate::graph::Index;
use crate::jinja::Scope;
use crate::node::Node;
use crate::node::Resource;
use crate::sql::Dialect;
use crate::sql::quote;
use std::sync::Arc;

/// Names and types of the columns of a node; empty where nothing tells them.
pub(super) fn of(world: &Arc<World>, index: Index, session: &SessionHandle) -> Arc<Columns> {
    let node = world.graph.node(index);
    if !node.is_ephemeral() {
        let found = in_warehouse(world, node, session);
        if !found.is_empty() {
            return Arc::new(found);
        }
    }
    world.columns_once(index, || of_project(world, index, session))
}

/// The columns of a query that gives no rows, in the warehouse's words; `None` where it is refused.
fn of_query(query: &str, session: &SessionHandle) -> Option<Columns> {
    let columns = lock(session).columns_of_query(query).ok()?;
    Some(named(lock(session).shared().adapter.dialect(), columns))
}

fn in_warehouse(world: &World, node: &Node, session: &SessionHandle) -> Columns {
    let relation = world.relation(node);
    if let Some(external) = &relation.external {
        return of_query(&format!("select * from {external}"), session).unwrap_or_default();
    }
    let columns = lock(session).columns_of(&relation).unwrap_or_default();
    named(world.dialect, columns)
}

fn named(dialect: &Dialect, columns: Vec<Column>) -> Columns {
    let columns = columns.into_iter();
    columns
        .map(|column| (column.name.clone(), data_type(dialect, &column)))
        .collect()
}

/// Without the length of a text, which would cut the rows of a test.
fn data_type(dialect: &Dialect, column: &Column) -> String {
    match column.is_string() {
        true => "character varying".to_string(),
        false => column.data_type(dialect),
    }
}

fn of_project(world: &Arc<World>, index: Index, session: &SessionHandle) -> Columns {
    let node = world.graph.node(index);
    let found = match node.resource {
        Resource::Seed => seed_rows::column_types(node).ok(),
        Resource::Model | Resource::Snapshot if node.language == "sql" => {
            of_code(world, index, session)
        }
        _ => None,
    };
    match found {
        Some(columns) if node.resource == Resource::Snapshot => with_history(node, columns),
        Some(columns) => columns,
        None => declared(node),
    }
}

/// The columns whose types a properties file gives.
fn declared(node: &Node) -> Columns {
    let typed = node.columns.values();
    typed
        .filter_map(|column| Some((column.name.clone(), column.data_type.clone()?)))
        .collect()
}

/// Runs the node's query over empty relations.
fn of_code(world: &Arc<World>, index: Index, session: &SessionHandle) -> Option<Columns> {
    let mut stand_ins = StandIns::default();
    for parent in world.graph.parents(index) {
        if world.graph.node(*parent).resource == Resource::Function {
            continue;
        }
        let columns = of(world, *parent, session);
        if !columns.is_empty() {
            stand_ins.add(world, *parent, empty_query(world, &columns));
        }
    }
    let stand_ins = Arc::new(stand_ins);
    let scope: Arc<dyn Scope> = stand_ins.scope(world, index, Some(session));
    let template = compile::template(world.graph.node(index));
    let code = world.engine.render(&template, &scope).ok()?;
    let query = stand_ins.inject(world, code.trim().trim_end_matches(';'));
    of_query(
        &format!("select * from (\n{query}\n) as empty_model limit 0"),
        session,
    )
}

/// A query without rows that has these columns.
fn empty_query(world: &World, columns: &Columns) -> String {
    let columns: Vec<String> = columns
        .iter()
        .map(|(name, kind)| {
            let name = quote::identifier(name, world.dialect);
            format!("cast(null as {kind}) as {name}")
        })
        .collect();
    format!("select {} where false", columns.join(", "))
}

/// What a snapshot has besides the columns of its query.
fn with_history(node: &Node, mut columns: Columns) -> Columns {
    let names = node.config.map("snapshot_meta_column_names");
    let name = |usual: &str| {
        let own = names.get(usual).and_then(serde_json::Value::as_str);
        own.unwrap_or(usual).to_string()
    };
    let changed = node.config.text("updated_at").and_then(|updated_at| {
        let mut known = columns.iter();
        known.find(|(name, _)| name.eq_ignore_ascii_case(updated_at))
    });
    let moment = changed.map_or_else(|| "timestamp".to_string(), |(_, kind)| kind.clone());
    columns.push((name("dbt_scd_id"), "varchar".to_string()));
    for usual in ["dbt_updated_at", "dbt_valid_from", "dbt_valid_to"] {
        columns.push((name(usual), moment.clone()));
    }
    if node.config.text("hard_deletes") == Some("new_record") {
        columns.push((name("dbt_is_deleted"), "varchar".to_string()));
    }
    columns
}
