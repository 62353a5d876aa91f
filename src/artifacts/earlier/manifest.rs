//! An earlier `manifest.json`, versions 4 to 12, in the words of today's.

use crate::artifacts::earlier::Shape;
use crate::artifacts::earlier::Unusable;
use crate::artifacts::earlier::read;
use crate::state::Earlier;
use serde_json::Map;
use serde_json::Value;
use std::path::Path;

const SHAPE: Shape = Shape {
    name: "manifest.json",
    kind: "WritableManifest",
    schema: "manifest",
    versions: 4..=12,
};

/// Where nodes stand in the file.
const SECTIONS: [&str; 8] = [
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
];

/// What keys were called in older versions.
const RENAMED: [(&str, &str); 2] = [("raw_sql", "raw_code"), ("compiled_sql", "compiled_code")];

/// The manifest in a folder; `None` where there is none.
pub fn manifest(folder: &Path) -> Result<Option<Earlier>, Unusable> {
    let Some(mut file) = read(folder, &SHAPE)? else {
        return Ok(None);
    };
    let mut earlier = Earlier::default();
    for section in SECTIONS {
        for (id, node) in entries(&mut file, section) {
            earlier.nodes.insert(id, renamed(node));
        }
    }
    for (id, mut found) in entries(&mut file, "macros") {
        if let Some(Value::String(text)) = found.remove("macro_sql") {
            earlier.macros.insert(id, text);
        }
    }
    Ok(Some(earlier))
}

/// The objects of a section by id. An older manifest may not have it.
fn entries(
    file: &mut Map<String, Value>,
    section: &str,
) -> impl Iterator<Item = (String, Map<String, Value>)> + use<> {
    let section = match file.remove(section) {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    section.into_iter().filter_map(|(id, entry)| match entry {
        Value::Object(entry) => Some((id, entry)),
        _ => None,
    })
}

fn renamed(mut node: Map<String, Value>) -> Map<String, Value> {
    for (before, now) in RENAMED {
        if let Some(value) = node.remove(before) {
            node.insert(now.to_string(), value);
        }
    }
    node
}
