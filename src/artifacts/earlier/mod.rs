//! Reads what an earlier call left behind: manifests, run results and freshness of dbt 1.x or our own.
//! Promise: a file that is not there is no error; one that cannot be understood is, with its path.

mod manifest;
mod run_results;
mod sources;

use crate::base::fs;
use crate::base::fs::FileError;
use serde_json::Map;
use serde_json::Value;
use std::fmt;
use std::ops::RangeInclusive;
use std::path::Path;
use std::path::PathBuf;

pub use manifest::manifest;
pub use run_results::EarlierResult;
pub use run_results::EarlierRun;
pub use run_results::run_results;
pub use sources::freshness;

/// Why an earlier artifact cannot be used.
#[derive(Debug)]
pub enum Unusable {
    File(FileError),
    NotJson {
        /// dbt's name of the record.
        kind: &'static str,
        path: PathBuf,
        reason: String,
    },
    /// Its shape is one that nobody here knows.
    Version {
        path: PathBuf,
        expected: String,
        found: String,
    },
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unusable::File(error) => write!(f, "{error}"),
            Unusable::NotJson { kind, path, reason } => {
                let path = path.display();
                write!(f, "Could not read {kind} at \"{path}\" as JSON: {reason}")
            }
            Unusable::Version {
                path,
                expected,
                found,
            } => write!(
                f,
                "Expected a schema version of \"{expected}\" in {}, but found \"{found}\". \
                 Are you running with a different version of dbt?",
                path.display()
            ),
        }
    }
}

/// One kind of artifact.
struct Shape {
    /// Of the file.
    name: &'static str,
    /// dbt's name of the record.
    kind: &'static str,
    /// Its name in `dbt_schema_version`.
    schema: &'static str,
    /// Those that can be read.
    versions: RangeInclusive<u32>,
}

/// An artifact as it lies in a folder; `None` where there is none.
fn read(folder: &Path, shape: &Shape) -> Result<Option<Map<String, Value>>, Unusable> {
    let path = folder.join(shape.name);
    let bytes = match fs::read_bytes(&path, shape.name) {
        Ok(bytes) => bytes,
        Err(error) if error.is_missing() => return Ok(None),
        Err(error) => return Err(Unusable::File(error)),
    };
    let file: Map<String, Value> =
        serde_json::from_slice(&bytes).map_err(|error| Unusable::NotJson {
            kind: shape.kind,
            path: path.clone(),
            reason: error.to_string(),
        })?;
    let found = file
        .get("metadata")
        .and_then(|about| about.get("dbt_schema_version"));
    let found = found.and_then(Value::as_str).unwrap_or_default();
    let schema = shape.schema;
    let url = |version| format!("https://schemas.getdbt.com/dbt/{schema}/v{version}.json");
    match shape.versions.clone().any(|version| found == url(version)) {
        true => Ok(Some(file)),
        false => Err(Unusable::Version {
            path,
            expected: url(*shape.versions.end()),
            found: found.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, content: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(&folder.path().join(name), content.as_bytes(), name).unwrap();
        folder
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let schema = "https://schemas.getdbt.com/dbt/manifest";
        let rows = [
            (
                format!("{{\"metadata\": {{\"dbt_schema_version\": \"{schema}/v3.json\"}}}}"),
                "Expected a schema version of \"https://schemas.getdbt.com/dbt/manifest/v12.json\" in",
            ),
            (
                "{}".to_string(),
                "but found \"\". Are you running with a different version of dbt?",
            ),
            (
                "{nope".to_string(),
                "as JSON: key must be a string at line 1 column 2",
            ),
        ];
        for (text, expected) in rows {
            let folder = folder("manifest.json", &text);
            let told = manifest(folder.path()).unwrap_err().to_string();
            assert!(told.contains(expected), "{told}");
        }
        let nothing = tempfile::tempdir().unwrap();
        assert!(manifest(nothing.path()).unwrap().is_none());
    }
}
