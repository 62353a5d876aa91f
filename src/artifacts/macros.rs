//! Macros and docs blocks as the manifest lists them.

use crate::jinja::Macro;
use crate::jinja::registry::MacroKind;
use crate::jinja::registry::Registry;
use crate::node::DocBlock;
use crate::node::MacroDoc;
use crate::node::dictionary;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

#[derive(Serialize)]
pub(super) struct MacroRecord<'a> {
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    macro_sql: &'a str,
    depends_on: Value,
    description: &'a str,
    meta: Map<String, Value>,
    docs: Value,
    config: Value,
    patch_path: Option<&'a str>,
    arguments: Vec<Value>,
    /// Seconds since 1970.
    created_at: f64,
    supported_languages: Option<&'a [String]>,
}

/// `doc` is what a YAML file says about it.
pub(super) fn record<'a>(
    found: &'a Macro,
    doc: Option<&'a MacroDoc>,
    registry: &Registry,
    created_at: f64,
) -> MacroRecord<'a> {
    let meta = doc.map(|doc| doc.meta.clone()).unwrap_or_default();
    let mut docs = json!({"show": true, "node_color": null});
    for (key, value) in doc.iter().flat_map(|doc| &doc.docs) {
        docs[key] = value.clone();
    }
    MacroRecord {
        name: &found.name,
        resource_type: "macro",
        package_name: &found.package,
        path: &found.path,
        original_file_path: &found.path,
        unique_id: &found.unique_id,
        macro_sql: found.text(),
        depends_on: json!({"macros": registry.called_by(found)}),
        description: doc.map_or("", |doc| &doc.description),
        config: json!({"meta": meta, "docs": docs}),
        meta,
        docs,
        patch_path: doc.and_then(|doc| doc.patch_path.as_deref()),
        arguments: doc.map(dictionary::macro_arguments).unwrap_or_default(),
        created_at,
        supported_languages: match &found.kind {
            MacroKind::Materialization {
                supported_languages,
                ..
            } => Some(supported_languages),
            _ => None,
        },
    }
}

pub(super) fn docs_block(block: &DocBlock) -> Value {
    json!({
        "name": block.name,
        "resource_type": "doc",
        "package_name": block.package,
        "path": block.path,
        "original_file_path": block.original_file_path,
        "unique_id": block.unique_id,
        "block_contents": block.contents,
    })
}
