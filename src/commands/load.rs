//! Files to graph, the same for every command that needs the project.

use crate::adapter;
use crate::adapter::Credentials;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::compile::Paths;
use crate::compile::World;
use crate::graph;
use crate::jinja;
use crate::jinja::Engine;
use crate::jinja::Globals;
use crate::jinja::MacroFile;
use crate::jinja::Registry;
use crate::jinja::Search;
use crate::node::DocBlock;
use crate::node::MacroDoc;
use crate::parse;
use crate::project;
use crate::project::Package;
use crate::project::Project;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A project that was read, and everything made of it.
pub struct Loaded {
    pub project: Project,
    pub credentials: Credentials,
    pub world: Arc<World>,
    pub docs: Vec<DocBlock>,
    pub macro_docs: Vec<MacroDoc>,
}
