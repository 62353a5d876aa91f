//! The rows of a seed's file, and the types that its columns get in the warehouse.

use crate::adapter::Table;
use crate::adapter::seed;
use crate::adapter::seed::SeedError;
use crate::adapter::seed::SeedOptions;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::fs;
use crate::jinja::warehouse::seed_type;
use crate::node::Node;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// A seed's file and how it is to be read.
#[derive(Debug, Clone)]
pub struct SeedFile {
    path: PathBuf,
    shown: String,
    /// The delimiter as it is written, where it is none.
    options: Result<SeedOptions, String>,
}

impl SeedFile {
    pub fn of(node: &Node) -> Self {
        SeedFile {
            path: node.file.path.clone(),
            shown: node.file.shown.clone(),
            options: options(node),
        }
    }

    /// Reads the file; a broken row is told with its line.
    pub fn read(&self) -> Result<Table, Box<Diagnostic>> {
        match &self.options {
            Ok(options) => read(&self.path, &self.shown, options),
            Err(written) => {
                let message = format!(
                    "the `delimiter` of a seed must be a 1-character string, found `{written}`"
                );
                let found = Diagnostic::error("seed-delimiter", message);
                Err(Box::new(
                    found.hint("leave it out for a comma; a tab is `\"\\t\"`"),
                ))
            }
        }
    }
}

/// Names and types of a seed's columns; those of `column_types` win.
pub(super) fn column_types(node: &Node) -> Result<Vec<(String, String)>, Box<Diagnostic>> {
    let rows = SeedFile::of(node).read()?;
    let chosen = node.config.map("column_types");
    let type_of = |at: usize, name: &str| {
        let chosen = chosen.get(name).and_then(serde_json::Value::as_str);
        chosen.map_or_else(|| seed_type(&rows, at).to_string(), str::to_string)
    };
    let columns = rows.names().enumerate();
    Ok(columns
        .map(|(at, name)| (name.to_string(), type_of(at, name)))
        .collect())
}

fn read(path: &Path, shown: &str, options: &SeedOptions) -> Result<Table, Box<Diagnostic>> {
    let unreadable =
        |error: fs::FileError| Box::new(Diagnostic::error("unreadable-file", error.to_string()));
    let bytes = fs::read_bytes(path, "seed").map_err(unreadable)?;
    let file = SourceFile::from_bytes(shown, path, bytes)?;
    seed::read(file.text(), options).map_err(|error| broken(&file, &error))
}

fn broken(file: &Arc<SourceFile>, error: &SeedError) -> Box<Diagnostic> {
    let place = error
        .line
        .map_or_else(|| Place::whole(file), |line| Place::line(file, line));
    let message = format!("the seed cannot be read: {}", error.message);
    Box::new(
        Diagnostic::error("seed-rows", message)
            .at(place)
            .hint("every row needs as many values as the first line has names; put a value with the delimiter in quotes"),
    )
}

fn options(node: &Node) -> Result<SeedOptions, String> {
    let delimiter = match node.config.text("delimiter").map(str::as_bytes) {
        Some([delimiter]) => *delimiter,
        Some(other) => return Err(String::from_utf8_lossy(other).into_owned()),
        None => SeedOptions::default().delimiter,
    };
    Ok(SeedOptions {
        delimiter,
        text_columns: node.config.map("column_types").keys().cloned().collect(),
    })
}
