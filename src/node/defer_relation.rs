//! Where another environment has a node.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// A node's relation as an earlier manifest names it, to read in place of the node's own.
#[derive(Debug, Clone, Default)]
pub struct DeferRelation {
    pub database: Option<String>,
    pub schema: String,
    pub alias: String,
    /// Quoted full name.
    pub relation_name: Option<String>,
    pub resource_type: String,
    pub name: String,
    pub description: String,
    /// `None` where it was never compiled.
    pub compiled_code: Option<String>,
    pub meta: Map<String, Value>,
    pub tags: Vec<String>,
    pub config: Map<String, Value>,
}

impl DeferRelation {
    /// As templates and the manifest see it.
    pub fn to_json(&self) -> Value {
        json!({
            "database": self.database,
            "schema": self.schema,
            "alias": self.alias,
            "relation_name": self.relation_name,
            "resource_type": self.resource_type,
            "name": self.name,
            "description": self.description,
            "compiled_code": self.compiled_code,
            "meta": self.meta,
            "tags": self.tags,
            "config": self.config,
        })
    }
}
