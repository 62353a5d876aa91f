//! The rows of a seed's file, for the macros that load them.

use crate::compile::SeedFile;
use crate::jinja;
use crate::jinja::fail_with;
use crate::jinja::table::table;
use crate::node::Node;
use minijinja::value::Value;

/// `load_agate_table()`: reads the file when it is called.
pub(super) fn load_function(node: &Node) -> Value {
    let file = SeedFile::of(node);
    jinja::function("load_agate_table", move |_, args| {
        args.finish()?;
        file.read().map(table).map_err(|found| fail_with(*found))
    })
}
