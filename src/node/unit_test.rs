//! A unit test: rows that stand in for a model's inputs, and the rows that the model is to make of them.

use crate::node::Ref;
use crate::node::UniqueId;
use serde_json::Map;
use serde_json::Value;

#[derive(Debug, Clone)]
pub struct UnitTest {
    /// Name of the tested model, as written.
    pub model: String,
    /// Version of the tested model; `None` where it has none.
    pub version: Option<Value>,
    /// Which versions of the model are tested, as written.
    pub versions: Option<Value>,
    /// `None` where the model is disabled.
    pub tested: Option<UniqueId>,
    pub given: Vec<Given>,
    pub expect: Fixture,
    /// `None` where nothing is written about it.
    pub overrides: Option<Overrides>,
}

/// What stands in for one input.
#[derive(Debug, Clone)]
pub struct Given {
    /// `ref('orders')`, as written.
    pub written: String,
    pub input: Input,
    pub rows: Fixture,
}

/// What the tested model calls its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The model itself, as an incremental model reads it.
    This,
    Ref(Ref),
    /// Source and table name.
    Source(String, String),
}

/// Rows, and where they were written.
#[derive(Debug, Clone, Default)]
pub struct Fixture {
    pub rows: Rows,
    pub format: Format,
    /// Name of the file that holds the rows; `None` where they stand in the test itself.
    pub file: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Rows {
    /// Values by column; a column that a row leaves out is null there.
    Values(Vec<Map<String, Value>>),
    /// A query.
    Sql(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Dict,
    Csv,
    Sql,
}

/// What is different while the tested model is rendered.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub vars: Map<String, Value>,
    pub env_vars: Map<String, Value>,
    /// What each macro gives, by its name or by package and name.
    pub macros: Map<String, Value>,
}

impl Default for Rows {
    fn default() -> Self {
        Rows::Values(Vec::new())
    }
}

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Dict => "dict",
            Format::Csv => "csv",
            Format::Sql => "sql",
        }
    }
}
