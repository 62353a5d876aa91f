//! What describes numbers rather than relations: semantic models, metrics, saved queries; and groups.
//! Nested parameters are kept in the shape of the manifest, every field present, because nobody
//! here computes with them: they are checked by `parse` and read by other programs.

use crate::node::UniqueId;
use serde_json::Map;
use serde_json::Value;

/// Which model holds rows of what, and what can be counted in them.
#[derive(Debug, Clone, Default)]
pub struct SemanticModel {
    pub label: Option<String>,
    /// `ref('orders')`, as written.
    pub model: String,
    pub primary_entity: Option<String>,
    /// `agg_time_dimension`, or null.
    pub defaults: Value,
    pub entities: Vec<Value>,
    pub dimensions: Vec<Value>,
    pub measures: Vec<Value>,
}

#[derive(Debug, Clone, Default)]
pub struct Metric {
    pub label: String,
    /// `simple`, `ratio`, `derived`, `cumulative` or `conversion`.
    pub kind: String,
    pub type_params: Value,
    /// `{"where_filters": [..]}`, or null.
    pub filter: Value,
    pub time_granularity: Option<String>,
    /// Semantic models that hold the measures it names itself.
    pub semantic_models: Vec<UniqueId>,
}

/// A question to the metrics that is asked again and again.
#[derive(Debug, Clone, Default)]
pub struct SavedQuery {
    pub label: Option<String>,
    pub query_params: Value,
    pub exports: Vec<Value>,
}

/// Who owns nodes, and who may read the private ones among them. No node itself: nothing is built.
#[derive(Debug, Clone)]
pub struct Group {
    /// `group.shop.finance`.
    pub unique_id: String,
    pub name: String,
    pub package: String,
    /// Path of its file below the folder of its kind, and below its project.
    pub path: String,
    pub original_file_path: String,
    pub description: Option<String>,
    pub owner: Map<String, Value>,
    pub config: Map<String, Value>,
}
