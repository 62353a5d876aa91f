//! The rows of a seed's file, for the macros that load them.

use crate::adapter::Table;
use crate::adapter::seed;
use crate::adapter::seed::SeedError;
use crate::adapter::seed::SeedOptions;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::fs;
use crate::jinja;
use crate::jinja::fail_with;
use crate::jinja::table::table;
use crate::node::Node;
use minijinja::value::Value;
use std::path::Path;
use std::sync::Arc;

/// `load_agate_table()`: reads the file when it is called.
pub(super) fn load_function(node: &Node) -> Value {
    let (path, shown) = (node.file.path.clone(), node.file.shown.clone());
    let options = options(node);
    jinja::function("load_agate_table", move |_, args| {
        args.finish()?;
        let rows = read(&path, &shown, &options);
        rows.map(table).map_err(|found| fail_with(*found))
    })
}

fn read(path: &Path, shown: &str, options: &SeedOptions) -> Result<Table, Box<Diagnostic>> {
    let unreadable =
        |error: fs::FileError| Box::new(Diagnostic::error("unreadable-file", error.to_string()));
    let bytes = fs::read_bytes(path, "seed").map_err(unreadable)?;
    let file = SourceFile::from_bytes(shown, path, bytes)?;
    seed::read(&file.text, options).map_err(|error| broken(&file, &error))
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

fn options(node: &Node) -> SeedOptions {
    let delimiter = node
        .config
        .text("delimiter")
        .and_then(|text| text.bytes().next());
    let usual = SeedOptions::default();
    SeedOptions {
        delimiter: delimiter.unwrap_or(usual.delimiter),
        text_columns: node.config.map("column_types").keys().cloned().collect(),
    }
}
