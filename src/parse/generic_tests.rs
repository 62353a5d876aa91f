//! Names and ids of generic tests. They are an interface: stored failures, selectors and artifacts
//! of earlier runs are found by them, so the rules are dbt's to the letter.

use crate::jinja::python::repr;
use crate::jinja::values;
use crate::node::TestMetadata;
use crate::parse::columns::Spelling;
use crate::parse::columns::TestEntry;
use crate::sql::dialect::Dialect;
use crate::sql::quote;
use md5::Digest;
use md5::Md5;
use serde_json::Map;
use serde_json::Value;

/// What a test was written under.
#[derive(Debug, Clone)]
pub(super) struct Tested<'a> {
    pub name: &'a str,
    /// Set for a table of a source.
    pub source_name: Option<&'a str>,
    pub version: Option<&'a Value>,
}

/// How a generic test is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Identity {
    /// Full name: the last part of its fqn.
    pub name: String,
    /// Name of its relation and file: the full name, or its start and a hash when that is too long.
    pub short_name: String,
    /// Last ten digits that set apart tests of the same name.
    pub hash: String,
}

/// Longer names are cut, because PostgreSQL keeps 63 bytes of an identifier.
const LONGEST_NAME: usize = 63;
const KEPT_OF_LONG_NAME: usize = 30;
const HASH_DIGITS: usize = 10;

/// The test macro with its package, if one is named.
pub(super) fn split_name(test: &str) -> (Option<&str>, &str) {
    match test.split_once('.') {
        Some((package, name)) => (Some(package), name),
        None => (None, test),
    }
}

/// Template text that names the tested relation.
pub(super) fn model_argument(tested: &Tested<'_>) -> String {
    let inner = match (tested.source_name, tested.version) {
        (Some(source), _) => format!("source('{source}', '{}')", tested.name),
        (None, Some(version)) => format!(
            "ref('{}', version='{}')",
            tested.name,
            version_text(version)
        ),
        (None, None) => format!("ref('{}')", tested.name),
    };
    format!("{{{{ get_where_subquery({inner}) }}}}")
}

/// The name of the tested column as SQL has it; `None` for a test of the whole node.
pub(super) fn column_argument(entry: &TestEntry, dialect: &Dialect) -> Option<String> {
    let name = entry.column.as_ref()?;
    Some(match entry.spelling {
        Spelling::AsWritten => name.clone(),
        Spelling::Quoted => quote::identifier(name, dialect),
    })
}

pub(super) fn metadata(entry: &TestEntry, tested: &Tested<'_>, dialect: &Dialect) -> TestMetadata {
    let (namespace, name) = split_name(&entry.test);
    let mut kwargs = Map::with_capacity(entry.arguments.len() + 2);
    if let Some(column) = column_argument(entry, dialect) {
        kwargs.insert("column_name".to_string(), Value::String(column));
    }
    kwargs.extend(Map::from(entry.arguments.clone()));
    kwargs.insert("model".to_string(), Value::String(model_argument(tested)));
    TestMetadata {
        name: name.to_string(),
        kwargs,
        namespace: namespace.map(str::to_string),
    }
}

pub(super) fn identity(
    entry: &TestEntry,
    tested: &Tested<'_>,
    metadata: &TestMetadata,
) -> Identity {
    let (short_name, name) = match &entry.name {
        Some(name) => (name.clone(), name.clone()),
        None => made_names(tested, metadata),
    };
    let hash = md5_hex(&format!("{name}{}", hashable(metadata)));
    Identity {
        hash: hash[hash.len() - HASH_DIGITS..].to_string(),
        name,
        short_name,
    }
}

/// Short and full name out of the test, what it tests and its arguments in the order of their names.
fn made_names(tested: &Tested<'_>, metadata: &TestMetadata) -> (String, String) {
    let mut identifier = match &metadata.namespace {
        Some(package) => format!("{package}_"),
        None => String::new(),
    };
    match (tested.source_name, tested.version) {
        (Some(source), _) => {
            identifier += &format!("source_{}_{source}_{}", metadata.name, tested.name)
        }
        (None, Some(v)) => {
            identifier += &format!("{}_{}_v{}", metadata.name, tested.name, version_text(v))
        }
        (None, None) => identifier += &format!("{}_{}", metadata.name, tested.name),
    }
    let mut parts = Vec::new();
    let mut keys: Vec<&String> = metadata
        .kwargs
        .keys()
        .filter(|key| *key != "model")
        .collect();
    keys.sort();
    for key in keys {
        match &metadata.kwargs[key] {
            Value::Object(map) => parts.extend(map.values().map(printed)),
            Value::Array(items) => parts.extend(items.iter().map(printed)),
            one => parts.push(printed(one)),
        }
    }
    let suffix = parts
        .iter()
        .map(|part| clean(part))
        .collect::<Vec<_>>()
        .join("__");
    let full = format!("{identifier}_{suffix}");
    if full.len() <= LONGEST_NAME {
        return (full.clone(), full);
    }
    let start: String = identifier.chars().take(KEPT_OF_LONG_NAME).collect();
    (format!("{start}_{}", md5_hex(&full)), full)
}

/// Each run of other characters becomes one underscore.
fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut in_gap = false;
    for c in text.chars() {
        let is_plain = c.is_ascii_alphanumeric() || c == '_';
        if is_plain {
            cleaned.push(c);
        } else if !in_gap {
            cleaned.push('_');
        }
        in_gap = !is_plain;
    }
    cleaned
}

/// The text that the hash is made of: Python's print of the metadata with sorted keys and texts for values.
fn hashable(metadata: &TestMetadata) -> String {
    let namespace = metadata
        .namespace
        .as_deref()
        .map_or_else(|| "None".to_string(), str::to_string);
    let value = serde_json::json!({
        "kwargs": texts(&Value::Object(metadata.kwargs.clone())),
        "name": metadata.name,
        "namespace": namespace,
    });
    repr::repr(&values::from_json(&value))
}

fn texts(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            Value::Object(
                keys.into_iter()
                    .map(|key| (key.clone(), texts(&map[key])))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(texts).collect()),
        one => Value::String(printed(one)),
    }
}

fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr::str(&values::from_json(other)),
    }
}

fn version_text(version: &Value) -> String {
    version
        .as_str()
        .map_or_else(|| version.to_string(), str::to_string)
}

fn md5_hex(text: &str) -> String {
    Md5::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Place;
    use crate::base::SourceFile;
    use serde_json::json;

    fn entry(test: &str, column: Option<&str>, arguments: Value) -> TestEntry {
        TestEntry {
            column: column.map(str::to_string),
            spelling: Spelling::AsWritten,
            column_tags: Vec::new(),
            test: test.to_string(),
            name: None,
            description: String::new(),
            arguments: arguments.as_object().cloned().unwrap_or_default().into(),
            config: crate::node::SparseMap::default(),
            stray: None,
            nested: None,
            place: Place::whole(&SourceFile::new("a.yml", "a.yml", "")),
        }
    }

    /// Names and hashes as dbt 1.11 gave them for the same entries.
    #[test]
    fn names_and_hashes_are_dbts() {
        let long = "a_very_long_column_name_that_goes_on";
        let model = |name| Tested {
            name,
            source_name: None,
            version: None,
        };
        let version = json!(1);
        let dialect = &crate::sql::dialect::DUCKDB;
        let quoted = TestEntry {
            spelling: Spelling::Quoted,
            ..entry("unique", Some("my col"), json!({}))
        };
        let rows = [
            (quoted, model("m"), "unique_m__my_col_", "0f0d43afef"),
            (
                entry(
                    "accepted_values",
                    Some("region"),
                    json!({"values": ["emea", "apac", "amer"]}),
                ),
                model("int_00000"),
                "accepted_values_int_00000_region__emea__apac__amer",
                "6a82f85567",
            ),
            (
                entry(
                    "relationships",
                    Some("id"),
                    json!({"to": "ref('n')", "field": "id"}),
                ),
                Tested {
                    version: Some(&version),
                    ..model("m")
                },
                "relationships_m_v1_id__id__ref_n_",
                "8fcd153ac2",
            ),
            (
                entry(
                    "accepted_values",
                    Some(long),
                    json!({"values": [1, true, null, 2.5, "a b", ["x"], {"k": "v"}]}),
                ),
                model("n"),
                "accepted_values_n_2f4fde91ec9dfcd7e51a781a9dd1e321",
                "846d397a9e",
            ),
            (
                entry("not_null", Some("id"), json!({})),
                Tested {
                    source_name: Some("src"),
                    ..model("tab")
                },
                "source_not_null_src_tab_id",
                "f26a6484f6",
            ),
        ];
        for (entry, tested, short_name, hash) in rows {
            let identity = identity(&entry, &tested, &metadata(&entry, &tested, dialect));
            assert_eq!(
                (identity.short_name.as_str(), identity.hash.as_str()),
                (short_name, hash)
            );
        }
    }
}
