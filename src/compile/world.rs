//! Everything that holds for a whole call, shared by all nodes that are rendered in it.

use crate::adapter::Relation;
use crate::base::Observer;
use crate::base::Window;
use crate::compile::Batch;
use crate::compile::Compiled;
use crate::compile::Deferral;
use crate::compile::graph_object;
use crate::config::flags::Flags;
use crate::graph::Graph;
use crate::graph::Index;
use crate::jinja::Engine;
use crate::jinja::Globals;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::sql::Dialect;
use crate::sql::Parts;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

pub struct World {
    pub graph: Graph,
    pub engine: Arc<Engine>,
    /// Shared names of templates, for each package.
    pub globals: FxHashMap<String, Arc<Globals>>,
    pub flags: Arc<Flags>,
    pub observer: Arc<dyn Observer>,
    pub dialect: &'static Dialect,
    /// Which parts of names the project puts in quotes.
    pub quoting: Parts,
    pub query_comment: QueryComment,
    /// Database and schema of the target.
    pub database: String,
    pub schema: String,
    pub paths: Paths,
    /// Ids of the nodes that this call works on, sorted.
    pub selected: Vec<String>,
    /// The window that `--sample` limits reading to.
    pub sample: Option<Window>,
    /// Where another environment has the nodes.
    pub deferral: Deferral,
    pub kept: Kept,
}

/// What is made once and kept for the call.
#[derive(Debug, Default)]
pub struct Kept {
    graph_value: OnceLock<Value>,
    ephemeral: Mutex<FxHashMap<Index, Compiled>>,
    /// Columns of relations that are not in the warehouse.
    columns: Mutex<FxHashMap<Index, Arc<Columns>>>,
}

/// Names and types of columns, in order.
pub(super) type Columns = Vec<(String, String)>;

/// What goes with every statement.
#[derive(Debug, Clone, Default)]
pub struct QueryComment {
    /// The project's own text; `None` for the usual one, empty for none.
    pub template: Option<String>,
    /// Behind the statement instead of in front.
    pub append: bool,
    pub profile_name: String,
    pub target_name: String,
}

/// Where files of one node go, below the project.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The target folder as written: `target`.
    pub target: String,
}

impl Paths {
    /// `target/compiled/shop/models/orders.sql`.
    pub fn compiled(&self, node: &Node, batch: Option<&Batch>) -> String {
        self.of("compiled", node, batch)
    }

    /// `target/run/shop/models/orders.sql`.
    pub fn run(&self, node: &Node, batch: Option<&Batch>) -> String {
        self.of("run", node, batch)
    }

    fn of(&self, kind: &str, node: &Node, batch: Option<&Batch>) -> String {
        let below = match &node.detail {
            // A generic test has no file: its name goes below the file that declares it.
            Detail::Test(test) if test.metadata.is_some() => {
                format!("{}/{}", node.original_file_path, node.path)
            }
            // Below the file that declares it, in the folders of that file once more.
            Detail::UnitTest(_) => {
                let file = node.original_file_path.as_str();
                let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("{file}/{folder}/{}.sql", node.alias)
            }
            Detail::Operation { .. } => format!("{}/{}", node.original_file_path, node.path),
            // Described in a properties file, where others may stand too.
            _ if node.resource == Resource::Snapshot && node.code.is_none() => {
                format!("{}/{}", node.original_file_path, node.path)
            }
            _ => node.original_file_path.clone(),
        };
        let below = match batch {
            Some(batch) => of_batch(&below, batch),
            None => below,
        };
        format!("{}/{kind}/{}/{below}", self.target, node.package)
    }
}

/// `models/orders/orders_2020-01-01.sql`: the batches of a model have a folder of their own.
fn of_batch(path: &str, batch: &Batch) -> String {
    let (stem, ending) = path.rsplit_once('.').unwrap_or((path, "sql"));
    let name = stem.rsplit('/').next().unwrap_or(stem);
    format!("{stem}/{name}_{}.{ending}", batch.label())
}

impl World {
    /// The relation that a node is, or will be.
    pub fn relation(&self, node: &Node) -> Relation {
        let relation = Relation::new(
            self.dialect,
            Some(&node.database),
            Some(&node.schema),
            Some(&node.alias),
        );
        let own = match &node.detail {
            Detail::Source(source) => source.quoting.clone(),
            _ => node.config.map("quoting"),
        };
        let chosen = |key: &str| own.get(key)?.as_bool();
        let mut relation = relation.with_quote(self.quoting_with(chosen));
        relation.external = node.external_location();
        relation
    }

    /// The project's quoting, where a node has not chosen for itself.
    pub(super) fn quoting_with(&self, chosen: impl Fn(&str) -> Option<bool>) -> Parts {
        Parts {
            database: chosen("database").unwrap_or(self.quoting.database),
            schema: chosen("schema").unwrap_or(self.quoting.schema),
            identifier: chosen("identifier").unwrap_or(self.quoting.identifier),
        }
    }

    /// The shared names of a package's templates.
    pub fn globals_of(&self, package: &str) -> Arc<Globals> {
        self.globals.get(package).cloned().unwrap_or_default()
    }

    /// The whole project as templates see it; made when first asked for.
    pub fn graph_value(&self) -> Value {
        self.kept
            .graph_value
            .get_or_init(|| graph_object::value(self))
            .clone()
    }

    /// An ephemeral model is rendered once, whoever reads it.
    pub fn remembered(&self, index: Index) -> Option<Compiled> {
        self.kept
            .ephemeral
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&index)
            .cloned()
    }

    /// The columns of a relation that is not in the warehouse, found out once.
    pub(super) fn columns_once(
        &self,
        index: Index,
        find: impl FnOnce() -> Columns,
    ) -> Arc<Columns> {
        let lock = || {
            let columns = self.kept.columns.lock();
            columns.unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(known) = lock().get(&index) {
            return known.clone();
        }
        // Finding out asks for the columns of other nodes, so the lock is not held meanwhile.
        let found = Arc::new(find());
        lock().entry(index).or_insert(found).clone()
    }

    pub(super) fn remember(&self, index: Index, compiled: &Compiled) {
        self.kept
            .ephemeral
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(index, compiled.clone());
    }
}
