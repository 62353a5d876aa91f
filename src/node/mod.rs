//! Plain records of what a project declares: models, seeds, tests, functions, sources, metrics and so on.
//! A record is complete when `parse` hands it out; nobody fills in fields later.
//! What only the whole project knows (edges) is in `graph`, what only a render knows in `compile`.

mod aspect;
pub mod column;
mod contract;
mod defer_relation;
pub mod detail;
pub mod dictionary;
mod external;
pub mod function;
pub mod macro_doc;
pub mod semantic;
mod sparse;
pub mod unit_test;

use crate::base::SourceFile;
use crate::config::NodeConfig;
use serde_json::Value;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use aspect::Aspect;
pub use column::Column;
pub use column::Columns;
pub use column::Constraint;
pub use defer_relation::DeferRelation;
pub use detail::Detail;
pub use detail::Exposure;
pub use detail::Freshness;
pub use detail::Limit;
pub use detail::Model;
pub use detail::Source;
pub use detail::Test;
pub use detail::TestMetadata;
pub use function::Function;
pub use macro_doc::DocBlock;
pub use macro_doc::MacroDoc;
pub use semantic::Group;
pub use semantic::Metric;
pub use semantic::SavedQuery;
pub use semantic::SemanticModel;
pub use sparse::SparseMap;
pub use unit_test::UnitTest;

/// `model.shop.orders`: kind, package and name of a node; unique in a project. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniqueId(Arc<str>);

impl UniqueId {
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        UniqueId(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::borrow::Borrow<str> for UniqueId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// What kind of thing a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    Model,
    Seed,
    Snapshot,
    Test,
    UnitTest,
    Analysis,
    /// A function of the warehouse.
    Function,
    /// A hook of `on-run-start` or `on-run-end`.
    Operation,
    /// The text given with `--inline`.
    SqlOperation,
    Source,
    Exposure,
    Metric,
    SemanticModel,
    SavedQuery,
}

impl Resource {
    /// The word in ids, selectors and artifacts.
    pub fn as_str(self) -> &'static str {
        match self {
            Resource::Model => "model",
            Resource::Seed => "seed",
            Resource::Snapshot => "snapshot",
            Resource::Test => "test",
            Resource::UnitTest => "unit_test",
            Resource::Analysis => "analysis",
            Resource::Function => "function",
            Resource::Operation => "operation",
            Resource::SqlOperation => "sql_operation",
            Resource::Source => "source",
            Resource::Exposure => "exposure",
            Resource::Metric => "metric",
            Resource::SemanticModel => "semantic_model",
            Resource::SavedQuery => "saved_query",
        }
    }

    /// The key that lists it in the manifest and in the `graph` of templates.
    pub fn section(self) -> &'static str {
        match self {
            Resource::Source => "sources",
            Resource::Exposure => "exposures",
            Resource::Metric => "metrics",
            Resource::SemanticModel => "semantic_models",
            Resource::SavedQuery => "saved_queries",
            Resource::UnitTest => "unit_tests",
            Resource::Function => "functions",
            _ => "nodes",
        }
    }

    /// Kinds that another node can name with `ref()`.
    pub fn is_refable(self) -> bool {
        matches!(self, Resource::Model | Resource::Seed | Resource::Snapshot)
    }
}

/// A `ref()` as written: name, and package and version where given.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ref {
    pub package: Option<String>,
    pub name: String,
    /// Text of a version: `2`, `1.5`, `beta`.
    pub version: Option<Box<Value>>,
}

/// One node of a project, as declared.
#[derive(Debug, Clone)]
pub struct Node {
    pub unique_id: UniqueId,
    pub resource: Resource,
    pub name: String,
    pub package: String,
    /// Path below the folder of its kind (`staging/stg_orders.sql`).
    pub path: String,
    /// Path below its project (`models/staging/stg_orders.sql`).
    pub original_file_path: String,
    /// The file that holds its code, or, for a node out of YAML, that YAML file.
    pub file: Arc<SourceFile>,
    /// Where its code lies in the file, in bytes; `None` where the code is made, not written.
    pub code: Option<Range<usize>>,
    /// The line to show for it, counted from 1: of its code, or of its entry in a YAML file.
    pub first_line: usize,
    /// Package, folders and name: what project-level settings are looked up by.
    pub fqn: Vec<String>,
    pub database: String,
    pub schema: String,
    pub alias: String,
    /// Quoted full name in the warehouse; `None` for a node that leaves nothing there.
    pub relation_name: Option<String>,
    /// SHA-256 of the file's content in hex; empty for a node without a file of its own.
    pub checksum: String,
    pub raw_code: Arc<str>,
    /// `sql` or `python`.
    pub language: &'static str,
    pub config: NodeConfig,
    /// Settings as written, before Jinja.
    pub unrendered_config: SparseMap,
    pub tags: Vec<String>,
    pub meta: SparseMap,
    pub description: String,
    /// Ids of the docs blocks used in the description.
    pub doc_blocks: Vec<String>,
    pub columns: Columns,
    /// `package://path` of the YAML file that describes it.
    pub patch_path: Option<String>,
    pub refs: Vec<Ref>,
    /// Source and table name of each `source()`.
    pub sources: Vec<(String, String)>,
    /// Each `metric()`, and the metrics that a metric or a saved query is made of.
    pub metrics: Vec<Ref>,
    /// Each `function()`.
    pub functions: Vec<Ref>,
    /// Ids of the macros called straight from its code.
    pub macros: Vec<String>,
    /// When its code can be rendered.
    pub render: Render,
    /// Seconds since 1970, for artifacts.
    pub created_at: f64,
    pub detail: Detail,
}

/// The one fork in the road of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Render {
    /// Its text depends on the project alone.
    Ahead,
    /// It asks the warehouse while rendering, so its parents have to be built first.
    InTurn,
}

impl Node {
    pub fn is_enabled(&self) -> bool {
        self.config.enabled()
    }

    pub fn materialized(&self) -> &str {
        self.config.materialized()
    }

    pub fn is_microbatch(&self) -> bool {
        self.config.text("incremental_strategy") == Some("microbatch")
    }

    pub fn is_ephemeral(&self) -> bool {
        self.resource == Resource::Model && self.materialized() == "ephemeral"
    }

    /// Whether running it leaves a relation in the warehouse.
    pub fn has_relation(&self) -> bool {
        match self.resource {
            Resource::Model => !self.is_ephemeral(),
            Resource::Seed | Resource::Snapshot | Resource::Source => true,
            _ => false,
        }
    }

    /// The group that owns it; a test belongs to the group of what it tests.
    pub fn group(&self) -> Option<&str> {
        let inherited = match &self.detail {
            Detail::Test(test) => test.group.as_deref(),
            _ => None,
        };
        self.config.text("group").or(inherited)
    }

    /// `model 'shop.orders'`-like words for messages: kind and name.
    pub fn title(&self) -> String {
        format!("{} {}", self.resource.as_str(), self.name)
    }

    /// What a search for a name compares with: the version is part of it.
    pub fn version(&self) -> Option<&Value> {
        match &self.detail {
            Detail::Model(model) => model.version.as_deref(),
            _ => None,
        }
    }
}

/// Versions compare as text: `2` and `"2"` are one version.
pub fn version_text(version: &Value) -> String {
    match version {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
