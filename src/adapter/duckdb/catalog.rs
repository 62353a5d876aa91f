//! What the database holds: the questions to its catalog, and the answers as our types.

use crate::adapter::Cell;
use crate::adapter::Column;
use crate::adapter::Relation;
use crate::adapter::RelationKind;
use crate::adapter::Table;
use crate::sql::dialect::DUCKDB;
use crate::sql::quote;

pub(super) fn schemas(database: &str) -> String {
    let database = quote::text(database);
    format!(
        "select schema_name from duckdb_schemas() \
         where lower(database_name) = lower({database}) order by 1"
    )
}

pub(super) fn relations(database: &str, schemas: &[String]) -> String {
    let database = quote::text(database);
    let schemas: Vec<String> = schemas
        .iter()
        .map(|s| quote::text(&s.to_lowercase()))
        .collect();
    let condition = format!(
        "lower(database_name) = lower({database}) and lower(schema_name) in ({}) and not internal",
        schemas.join(", ")
    );
    format!(
        "select database_name, schema_name, table_name, 'table' from duckdb_tables() where {condition} \
         union all \
         select database_name, schema_name, view_name, 'view' from duckdb_views() where {condition} \
         order by 1, 2, 3"
    )
}

/// Name and type of each column; also of temporary relations, which have no address but their name.
pub(super) fn columns(relation: &Relation) -> String {
    format!(
        "select column_name, column_type from (describe {})",
        relation.render()
    )
}

/// Kinds of a table's keys, as dbt names them.
pub(super) fn keys(table: &Relation) -> String {
    let is = |column: &str, name: &Option<String>| {
        let name = quote::text(name.as_deref().unwrap_or_default());
        format!("lower({column}) = lower({name})")
    };
    format!(
        "select distinct replace(lower(constraint_type), ' ', '_') from duckdb_constraints() \
         where {} and {} and {} and constraint_type in ('PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY') order by 1",
        is("database_name", &table.database),
        is("schema_name", &table.schema),
        is("table_name", &table.identifier)
    )
}

pub(super) fn texts(table: &Table) -> Vec<String> {
    table
        .rows
        .iter()
        .filter_map(|row| text(row.first()?))
        .collect()
}

pub(super) fn to_relations(table: &Table) -> Vec<Relation> {
    let relation = |row: &Vec<Cell>| {
        let part = |index: usize| row.get(index).and_then(text);
        let (database, schema, name) = (part(0), part(1), part(2));
        let relation = Relation::new(
            &DUCKDB,
            database.as_deref(),
            schema.as_deref(),
            name.as_deref(),
        );
        Some(relation.of_kind(RelationKind::named(&part(3)?)?))
    };
    table.rows.iter().filter_map(relation).collect()
}

pub(super) fn to_columns(table: &Table) -> Vec<Column> {
    let column = |row: &Vec<Cell>| Some(Column::new(text(row.first()?)?, text(row.get(1)?)?));
    table.rows.iter().filter_map(column).collect()
}

fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Str(text) => Some(text.to_string()),
        _ => None,
    }
}
