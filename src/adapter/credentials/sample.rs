//! The profile that a new project starts with: a warehouse that needs nothing but a file.

use std::path::Path;

/// One output of a profile, and what it is for people.
pub struct Sample {
    /// Keys and values in YAML, one a line, without indentation.
    pub lines: Vec<String>,
    /// `a DuckDB database at ...`
    pub described: String,
}

/// Files that this warehouse leaves in the project's folder, as `.gitignore` names them.
pub const LEFT_IN_FOLDER: [&str; 2] = ["*.duckdb", "*.duckdb.wal"];

/// The output for a profile whose project lies in a folder. `quoted` writes a text as YAML.
pub fn sample(folder: &Path, profile: &str, quoted: impl Fn(&str) -> String) -> Sample {
    let file = folder.join(format!("{profile}.duckdb"));
    let file = file.display().to_string();
    Sample {
        lines: vec![
            "type: duckdb".to_string(),
            format!("path: {}", quoted(&file)),
            "threads: 4".to_string(),
        ],
        described: format!("a DuckDB database at {file}"),
    }
}
