//! Columns and constraints as a YAML file describes them.

use crate::node::SparseMap;
use indexmap::IndexMap;
use std::sync::Arc;

/// The described columns of a node by name, in the order of the file. What a patch says is shared by
/// its nodes.
pub type Columns = Arc<IndexMap<String, Column>>;

/// One described column. What is not written is empty or `None`.
#[derive(Debug, Clone, Default)]
pub struct Column {
    pub name: String,
    pub description: String,
    pub meta: SparseMap,
    pub tags: Vec<String>,
    pub data_type: Option<String>,
    pub constraints: Vec<Constraint>,
    /// Whether the name is quoted in SQL; `None` leaves it to the warehouse's habit.
    pub quote: Option<bool>,
    pub granularity: Option<String>,
    /// Ids of the docs blocks used in the description.
    pub doc_blocks: Vec<String>,
    /// The `config:` of the column as written, with `meta` and `tags` merged in.
    pub config: SparseMap,
    /// Keys that dbt does not know, kept as written.
    pub extra: SparseMap,
}

/// A constraint of a contract, on a column or (with `columns`) on the model.
#[derive(Debug, Clone, Default)]
pub struct Constraint {
    /// `not_null`, `unique`, `primary_key`, `foreign_key`, `check` or `custom`.
    pub kind: String,
    pub name: Option<String>,
    pub expression: Option<String>,
    pub warn_unenforced: bool,
    pub warn_unsupported: bool,
    pub to: Option<String>,
    pub to_columns: Vec<String>,
    /// Only for a constraint on the model.
    pub columns: Vec<String>,
}
