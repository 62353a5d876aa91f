//! Links captured names to nodes.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::graph::Graph;
use crate::graph::Index;
use crate::graph::Lookup;
use crate::graph::Search;
use crate::graph::Target;
use crate::graph::access;
use crate::graph::cycle;
use crate::graph::written;
use crate::node::Detail;
use crate::node::Group;
use crate::node::Node;
use crate::node::Ref;
use crate::node::Resource;
use crate::node::UniqueId;
use crate::node::version_text;
use petgraph::graph::DiGraph;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

/// What the files of a project declare, before names lead anywhere.
#[derive(Debug)]
pub struct Declared<'a> {
    pub nodes: Vec<Node>,
    pub groups: Vec<Group>,
    pub root_package: &'a str,
    /// Packages whose models are for themselves, unless they are public.
    pub restricted: FxHashSet<String>,
}

/// Builds the graph of all nodes of a project. Names that lead nowhere and cycles go to the bag.
///
/// A test whose target is disabled or missing is turned off with a warning: it has nothing to check.
pub fn link(declared: Declared<'_>, bag: &Bag) -> Graph {
    let graph = linked(declared.nodes, declared.root_package, bag).with_groups(declared.groups);
    access::check(&graph, &declared.restricted, bag);
    graph
}

fn linked(mut nodes: Vec<Node>, root_package: &str, bag: &Bag) -> Graph {
    // In place: there may be more than fits into memory twice.
    let mut disabled: Vec<Node> = nodes.extract_if(.., |node| !node.is_enabled()).collect();
    nodes.sort_unstable_by(|a, b| a.unique_id.cmp(&b.unique_id));
    let names = Names::new(&nodes, &disabled, root_package);
    let parents: Vec<Option<Vec<Index>>> =
        nodes.iter().map(|node| names.parents(node, bag)).collect();
    if parents.iter().all(Option::is_some) {
        let linked = Linked {
            parents: parents.into_iter().flatten().collect(),
            lookup: names.lookup,
            nodes,
            disabled,
        };
        return assemble(linked, root_package, bag);
    }
    let mut is_orphan = parents.iter().map(Option::is_none);
    disabled.extend(nodes.extract_if(.., |_| is_orphan.next() == Some(true)));
    // Positions have moved; what is left cannot lose a parent again, for nothing depends on a test.
    let names = Names::new(&nodes, &disabled, root_package);
    let quiet = Bag::new();
    let parents = |node: &Node| names.parents(node, &quiet).unwrap_or_default();
    let linked = Linked {
        parents: nodes.iter().map(parents).collect(),
        lookup: names.lookup,
        nodes,
        disabled,
    };
    assemble(linked, root_package, bag)
}

/// Nodes in the order of their ids, each with those that it needs.
struct Linked {
    nodes: Vec<Node>,
    parents: Vec<Vec<Index>>,
    disabled: Vec<Node>,
    lookup: Lookup,
}

fn assemble(linked: Linked, root_package: &str, bag: &Bag) -> Graph {
    let Linked {
        nodes,
        parents,
        disabled,
        lookup,
    } = linked;
    let mut edges = DiGraph::with_capacity(nodes.len(), nodes.len() * 2);
    let by_id = nodes
        .iter()
        .map(|node| (node.unique_id.clone(), edges.add_node(())))
        .collect();
    for (child, parents) in parents.iter().enumerate() {
        for parent in parents {
            edges.add_edge(*parent, Index::new(child), ());
        }
    }
    bag.extend(cycle::report(&nodes, &edges));
    Graph {
        nodes,
        edges,
        by_id,
        parents,
        disabled,
        groups: Vec::new(),
        lookup,
        root_package: root_package.to_string(),
    }
}

/// All names while the edges are being made.
struct Names<'a> {
    lookup: Lookup,
    disabled: FxHashMap<&'a str, &'a Node>,
    semantic_models: FxHashMap<UniqueId, Index>,
    packages: FxHashSet<String>,
    root: &'a str,
}

impl<'a> Names<'a> {
    fn new(enabled: &[Node], disabled: &'a [Node], root: &'a str) -> Self {
        let mut lookup = Lookup::default();
        let mut semantic_models = FxHashMap::default();
        let mut packages = FxHashSet::from_iter([root.to_string()]);
        for node in enabled.iter().chain(disabled) {
            if !packages.contains(&node.package) {
                packages.insert(node.package.clone());
            }
        }
        for (position, node) in enabled.iter().enumerate() {
            lookup.add(node, Some(Index::new(position)));
            if node.resource == Resource::SemanticModel {
                semantic_models.insert(node.unique_id.clone(), Index::new(position));
            }
        }
        for node in disabled {
            lookup.add(node, None);
        }
        let disabled = disabled
            .iter()
            .map(|node| (node.name.as_str(), node))
            .collect();
        Names {
            lookup,
            disabled,
            semantic_models,
            packages,
            root,
        }
    }

    /// The nodes that one node needs, each once; `None` for a test that has lost its target.
    fn parents(&self, node: &Node, bag: &Bag) -> Option<Vec<Index>> {
        let mut parents = Vec::new();
        let mut complete = true;
        let sources = node.sources.iter().map(|(source, table)| {
            let target = self
                .lookup
                .find_source(source, table, &node.package, self.root);
            (target, Missing::Source(source, table))
        });
        let refs = node
            .refs
            .iter()
            .map(|r| (self.find(node, r), Missing::Ref(r)));
        let functions = node.functions.iter().map(|written| {
            let target = self.lookup.find_function(written, &node.package, self.root);
            (target, Missing::Function(written))
        });
        let metrics = node.metrics.iter().map(|m| {
            let target = self.lookup.find_metric(m, &node.package, self.root);
            (target, Missing::Metric(m))
        });
        for (target, written) in sources.chain(refs).chain(metrics).chain(functions) {
            match target {
                Target::Found(index) if !parents.contains(&index) => parents.push(index),
                Target::Found(_) => {}
                _ if written.is_in_broken_file(bag) => complete = false,
                target => {
                    bag.add(self.complaint(node, target, &written));
                    complete = false;
                }
            }
        }
        if let Detail::Metric(metric) = &node.detail {
            let models = metric.semantic_models.iter();
            parents.extend(models.filter_map(|id| self.semantic_models.get(id).copied()));
        }
        (complete || node.resource != Resource::Test).then_some(parents)
    }

    fn find(&self, node: &Node, r: &Ref) -> Target {
        let search = Search {
            name: &r.name,
            package: r.package.as_deref(),
            version: r.version.as_deref(),
            from: &node.package,
        };
        self.lookup.find(&search, self.root)
    }

    fn complaint(&self, node: &Node, target: Target, written: &Missing<'_>) -> Diagnostic {
        let (kind, title) = (capitalized(node.resource.as_str()), node.unique_id.as_str());
        let (thing, name, code) = match written {
            Missing::Ref(r) => ("node", ref_words(r), "unknown-ref"),
            Missing::Source(source, table) => {
                ("source", format!("'{source}.{table}'"), "unknown-source")
            }
            Missing::Function(f) => ("function", format!("'{}'", f.name), "unknown-function"),
            Missing::Metric(m) => ("metric", ref_words(m), "unknown-metric"),
        };
        let is_disabled = target == Target::Disabled;
        let outcome = if is_disabled {
            "is disabled"
        } else {
            "was not found"
        };
        let message = format!(
            "{kind} '{title}' ({}) depends on a {thing} named {name} which {outcome}",
            node.original_file_path
        );
        let code = match (code, is_disabled) {
            ("unknown-ref", true) => "disabled-ref",
            ("unknown-source", true) => "disabled-source",
            ("unknown-metric", true) => "disabled-metric",
            (code, _) => code,
        };
        // A test without its target harms nobody: it is left out with a warning.
        let diagnostic = if node.resource == Resource::Test {
            Diagnostic::warning(code, message)
        } else {
            Diagnostic::error(code, message)
        };
        diagnostic
            .at(written.place(node))
            .note(if is_disabled {
                "disabled"
            } else {
                "not found in this project or its packages"
            })
            .maybe_hint(self.hint(target, written))
            .event("NodeNotFoundOrDisabled")
            .field("original_file_path", node.original_file_path.as_str())
            .field("unique_id", node.unique_id.as_str())
            .field("resource_type_title", kind.as_str())
            .field("target_name", name.trim_matches('\''))
            .field("target_kind", thing)
            .field("target_package", "")
            .field("disabled", if is_disabled { "True" } else { "False" })
    }

    fn hint(&self, target: Target, written: &Missing<'_>) -> Option<String> {
        match written {
            Missing::Metric(m) => nearest(&m.name, self.lookup.metric_names())
                .filter(|near| *near != m.name)
                .map(|near| format!("did you mean `{near}`?")),
            Missing::Ref(r) if target == Target::Disabled => {
                let place = self
                    .disabled
                    .get(r.name.as_str())
                    .map(|node| node.original_file_path.as_str())?;
                Some(format!(
                    "it is turned off by `enabled: false` in `{place}` or in a project file"
                ))
            }
            Missing::Ref(Ref {
                package: Some(package),
                ..
            }) if !self.packages.contains(package) => Some(format!(
                "no package `{package}` is installed; models of another project can be referred to \
                 once it is installed as a package, not by `projects:` of dependencies.yml"
            )),
            Missing::Ref(r) if r.version.is_some() => {
                let versions = self.lookup.versions(&r.name);
                (!versions.is_empty())
                    .then(|| format!("`{}` has the versions {}", r.name, versions.join(", ")))
            }
            Missing::Function(f) => nearest(&f.name, self.lookup.function_names())
                .map(|name| format!("did you mean `{name}`?")),
            Missing::Ref(r) => nearest(&r.name, self.lookup.ref_names())
                .map(|name| format!("did you mean `{name}`?")),
            Missing::Source(source, table) => {
                let names: Vec<String> = self.lookup.source_names().collect();
                nearest(
                    &format!("{source}.{table}"),
                    names.iter().map(String::as_str),
                )
                .and_then(|name| name.split_once('.'))
                .map(|(source, table)| format!("did you mean `source('{source}', '{table}')`?"))
            }
        }
    }
}

/// A name that led nowhere.
enum Missing<'a> {
    Ref(&'a Ref),
    Source(&'a str, &'a str),
    Function(&'a Ref),
    Metric(&'a Ref),
}

impl Missing<'_> {
    /// Whether it is a source which a properties file names that could not be read: the mistake
    /// in there is told.
    fn is_in_broken_file(&self, bag: &Bag) -> bool {
        let Missing::Source(source, table) = self else {
            return false;
        };
        bag.holds_error(|error| {
            let file = error.place.as_ref().map(|place| &place.file);
            let file =
                file.filter(|file| file.shown.ends_with(".yml") || file.shown.ends_with(".yaml"));
            file.is_some_and(|file| file.text().contains(source) && file.text().contains(table))
        })
    }

    fn place(&self, node: &Node) -> Place {
        match self {
            Missing::Ref(r) => written::place(node, "ref", &r.name),
            Missing::Metric(m) => written::place(node, "metric", &m.name),
            Missing::Source(_, table) => written::place(node, "source", table),
            Missing::Function(f) => written::place(node, "function", &f.name),
        }
    }
}

fn ref_words(r: &Ref) -> String {
    let version = r
        .version
        .as_ref()
        .map(|v| format!(" with version '{}'", version_text(v)))
        .unwrap_or_default();
    let package = r
        .package
        .as_ref()
        .map(|p| format!(" in package or project '{p}'"))
        .unwrap_or_default();
    format!("'{}'{version}{package}", r.name)
}

/// `Saved_Query`: as such messages begin.
fn capitalized(word: &str) -> String {
    let parts = word.split('_').map(|part| {
        let mut letters = part.chars();
        letters.next().map_or_else(String::new, |first| {
            first.to_uppercase().chain(letters).collect()
        })
    });
    parts.collect::<Vec<String>>().join("_")
}
