//! `catalog.json`, version 1: the relations of the project as the warehouse describes them.

use crate::adapter::cell::Cell;
use crate::adapter::table::Table;
use crate::artifacts::metadata::Metadata;
use crate::graph::Graph;
use crate::node::Node;
use crate::node::Resource;
use rustc_hash::FxHashMap;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// What goes into the file.
#[derive(Debug)]
pub struct Catalog<'a> {
    pub about: &'a Metadata,
    pub graph: &'a Graph,
    /// Ids of the nodes that go in; `None` for all.
    pub only: Option<&'a [String]>,
    /// Results of the macro `get_catalog`: a row per column of a relation.
    pub tables: &'a [Table],
    /// What went wrong while asking; the rest of the catalog is written all the same.
    pub errors: &'a [String],
}

/// A relation while its rows are read.
#[derive(Debug, Default)]
struct Entry {
    metadata: Value,
    columns: Vec<(i64, Value)>,
    stats: Map<String, Value>,
}

impl Catalog<'_> {
    pub(super) fn text(&self) -> Vec<u8> {
        let entries = self.entries();
        let mut nodes = Map::new();
        let mut sources = Map::new();
        for (node, entry) in self.matches(&entries) {
            let id = node.unique_id.as_str();
            if self
                .only
                .is_some_and(|only| !only.iter().any(|chosen| chosen == id))
            {
                continue;
            }
            let section = match node.resource {
                Resource::Source => &mut sources,
                _ => &mut nodes,
            };
            section.insert(id.to_string(), entry.record(id));
        }
        let file = json!({
            "metadata": self.about.record("catalog/v1"),
            "nodes": nodes,
            "sources": sources,
            "errors": if self.errors.is_empty() { Value::Null } else { json!(self.errors) },
        });
        file.to_string().into_bytes()
    }

    /// The described relations, by their names in small letters.
    fn entries(&self) -> BTreeMap<[String; 3], Entry> {
        let mut entries: BTreeMap<[String; 3], Entry> = BTreeMap::new();
        for table in self.tables {
            let positions: FxHashMap<String, usize> = table
                .names()
                .enumerate()
                .map(|(at, name)| (name.to_lowercase(), at))
                .collect();
            for cells in &table.rows {
                let row = Row {
                    positions: &positions,
                    cells,
                };
                let key = ["table_database", "table_schema", "table_name"]
                    .map(|name| row.text(name).to_lowercase());
                entries.entry(key).or_default().add(&row);
            }
        }
        entries
    }

    /// The nodes that the warehouse described, in the order of ids.
    fn matches<'e>(
        &self,
        entries: &'e BTreeMap<[String; 3], Entry>,
    ) -> impl Iterator<Item = (&Node, &'e Entry)> {
        self.graph.nodes().filter_map(|node| {
            let name = match &node.detail {
                crate::node::Detail::Source(source) => &source.identifier,
                _ if node.has_relation() => &node.alias,
                _ => return None,
            };
            let key = [&node.database, &node.schema, name].map(|part| part.to_lowercase());
            Some((node, entries.get(&key)?))
        })
    }
}

impl Entry {
    fn add(&mut self, row: &Row<'_>) {
        if self.metadata.is_null() {
            self.metadata = json!({
                "type": row.value("table_type"),
                "schema": row.value("table_schema"),
                "name": row.value("table_name"),
                "database": row.value("table_database"),
                "comment": row.value("table_comment"),
                "owner": row.value("table_owner"),
            });
            self.stats = stats(row);
        }
        let index = row.value("column_index").as_i64().unwrap_or_default();
        let column = json!({
            "type": row.value("column_type"),
            "index": index,
            "name": row.value("column_name"),
            "comment": row.value("column_comment"),
        });
        self.columns.push((index, column));
    }

    fn record(&self, unique_id: &str) -> Value {
        let mut columns: Vec<&(i64, Value)> = self.columns.iter().collect();
        columns.sort_by_key(|(index, _)| *index);
        let columns: Map<String, Value> = columns
            .into_iter()
            .map(|(_, column)| (text_of(&column["name"]), column.clone()))
            .collect();
        json!({
            "metadata": self.metadata,
            "columns": columns,
            "stats": self.stats,
            "unique_id": unique_id,
        })
    }
}

/// Columns named `stats:<id>:<label|value|description|include>`.
fn stats(row: &Row<'_>) -> Map<String, Value> {
    let mut stats: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for name in row.positions.keys() {
        let mut parts = name.splitn(3, ':');
        if let (Some("stats"), Some(id), Some(field)) = (parts.next(), parts.next(), parts.next()) {
            let stat = stats.entry(id.to_string()).or_default();
            stat.insert(field.to_string(), row.value(name));
        }
    }
    let shown = stats
        .into_iter()
        .filter(|(_, stat)| stat.get("include") == Some(&json!(true)));
    let mut record: Map<String, Value> = shown
        .map(|(id, stat)| {
            let field = |name: &str| stat.get(name).cloned().unwrap_or(Value::Null);
            let stat = json!({
                "id": id,
                "label": field("label"),
                "value": field("value"),
                "include": true,
                "description": field("description"),
            });
            (id, stat)
        })
        .collect();
    record.insert(
        "has_stats".to_string(),
        json!({
            "id": "has_stats",
            "label": "Has Stats?",
            "value": !record.is_empty(),
            "include": false,
            "description": "Indicates whether there are statistics for this table",
        }),
    );
    record
}

/// One row with its columns by name.
struct Row<'a> {
    positions: &'a FxHashMap<String, usize>,
    cells: &'a [Cell],
}

impl Row<'_> {
    /// Null for a column that is not there.
    fn value(&self, name: &str) -> Value {
        let cell = self.positions.get(name).map(|at| &self.cells[*at]);
        cell.map_or(Value::Null, Cell::to_json)
    }

    fn text(&self, name: &str) -> String {
        text_of(&self.value(name))
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::table::TableColumn;

    #[test]
    fn rows_become_relations_with_columns_in_order() {
        let names = [
            "table_database",
            "table_schema",
            "table_name",
            "table_type",
            "column_name",
            "column_index",
            "column_type",
            "stats:rows:include",
            "stats:rows:value",
        ];
        let row = |column: &str, index: i128| {
            let texts = ["shop", "Main", "Orders", "VIEW", column];
            let mut cells: Vec<Cell> = texts.into_iter().map(Cell::text).collect();
            cells.extend([Cell::Int(index), Cell::text("INTEGER")]);
            cells.extend([Cell::Bool(true), Cell::Int(3)]);
            cells
        };
        let columns = names.map(|name| TableColumn::new(name, "")).to_vec();
        let table = Table::new(columns, vec![row("b", 2), row("a", 1)]);
        let nothing = crate::graph::Declared {
            nodes: Vec::new(),
            groups: Vec::new(),
            root_package: "shop",
            restricted: Default::default(),
        };
        let graph = crate::graph::link(nothing, &crate::base::Bag::new());
        let catalog = Catalog {
            only: None,
            about: &Metadata::new(&crate::base::Context::fixed("/")),
            graph: &graph,
            tables: &[table],
            errors: &[],
        };
        let entries = catalog.entries();
        let key = ["shop", "main", "orders"].map(str::to_string);
        let record = entries[&key].record("model.shop.orders");
        assert_eq!(record["metadata"]["name"], "Orders");
        assert_eq!(record["metadata"]["comment"], Value::Null);
        let columns: Vec<&String> = record["columns"].as_object().unwrap().keys().collect();
        assert_eq!(columns, ["a", "b"]);
        assert_eq!(record["stats"]["rows"]["value"], 3);
        assert_eq!(record["stats"]["has_stats"]["value"], true);
    }
}
