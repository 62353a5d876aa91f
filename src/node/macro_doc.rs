//! What YAML and Markdown files say about macros, and the `{% docs %}` blocks themselves.

use serde_json::Map;
use serde_json::Value;

/// Properties of a macro.
#[derive(Debug, Clone, Default)]
pub struct MacroDoc {
    pub package: String,
    pub name: String,
    pub description: String,
    pub meta: Map<String, Value>,
    pub docs: Map<String, Value>,
    /// `name`, `type` and `description` of each argument.
    pub arguments: Vec<(String, Option<String>, String)>,
    /// `package://path` of the YAML file; `None` where there is none.
    pub patch_path: Option<String>,
}

/// One `{% docs name %}` block.
#[derive(Debug, Clone)]
pub struct DocBlock {
    /// `doc.package.name`.
    pub unique_id: String,
    pub package: String,
    pub name: String,
    pub path: String,
    pub original_file_path: String,
    pub contents: String,
}
