//! Finds the node that a `ref()` or `source()` means.

use crate::graph::Index;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Ref;
use crate::node::version_text;
use rustc_hash::FxHashMap;
use serde_json::Value;

/// Names of all nodes that can be referred to, enabled or not.
#[derive(Debug, Default)]
pub struct Lookup {
    refs: FxHashMap<String, Vec<Entry>>,
    sources: FxHashMap<(String, String), Vec<Entry>>,
    functions: FxHashMap<String, Vec<Entry>>,
    metrics: FxHashMap<String, Vec<Entry>>,
}

#[derive(Debug, Clone)]
struct Entry {
    package: String,
    /// Text of the version; `None` for a model without versions.
    version: Option<String>,
    is_latest: bool,
    /// `None` for a disabled node.
    index: Option<Index>,
}

/// One `ref()` to resolve.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    pub name: &'a str,
    /// First argument of a `ref` with two.
    pub package: Option<&'a str>,
    pub version: Option<&'a Value>,
    /// Package of the node that refers.
    pub from: &'a str,
}

/// Outcome of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Found(Index),
    Disabled,
    Missing,
}

impl Lookup {
    pub(super) fn add(&mut self, node: &Node, index: Option<Index>) {
        let mut entry = Entry {
            package: node.package.clone(),
            version: None,
            is_latest: true,
            index,
        };
        match &node.detail {
            Detail::Source(source) => {
                let key = (source.source_name.clone(), node.name.clone());
                self.sources.entry(key).or_default().push(entry);
            }
            Detail::Model(model) => {
                entry.version = model.version.as_deref().map(version_text);
                let latest = model.latest_version.as_deref().map(version_text);
                entry.is_latest = entry.version.is_none() || entry.version == latest;
                self.refs.entry(node.name.clone()).or_default().push(entry);
            }
            Detail::Function(_) => {
                let known = self.functions.entry(node.name.clone());
                known.or_default().push(entry);
            }
            Detail::Metric(_) => self
                .metrics
                .entry(node.name.clone())
                .or_default()
                .push(entry),
            _ if node.resource.is_refable() => {
                self.refs.entry(node.name.clone()).or_default().push(entry)
            }
            _ => {}
        }
    }

    /// Looks in the named package only, else in the root project, in the node's own package, anywhere.
    pub(super) fn find(&self, search: &Search<'_>, root: &str) -> Target {
        let Some(entries) = self.refs.get(search.name) else {
            return Target::Missing;
        };
        let version = search.version.map(version_text);
        let fits = |entry: &&Entry| match &version {
            Some(version) => entry.version.as_ref() == Some(version),
            None => entry.is_latest,
        };
        let fitting: Vec<&Entry> = entries.iter().filter(fits).collect();
        pick(&fitting, search.package, search.from, root)
    }

    pub(super) fn find_source(&self, source: &str, table: &str, from: &str, root: &str) -> Target {
        // The tuple key costs two copies; a project resolves each source once.
        let Some(entries) = self.sources.get(&(source.to_string(), table.to_string())) else {
            return Target::Missing;
        };
        pick(&entries.iter().collect::<Vec<_>>(), None, from, root)
    }

    pub(super) fn find_function(&self, written: &Ref, from: &str, root: &str) -> Target {
        let Some(entries) = self.functions.get(&written.name) else {
            return Target::Missing;
        };
        let entries: Vec<&Entry> = entries.iter().collect();
        pick(&entries, written.package.as_deref(), from, root)
    }

    /// Names that a mistyped `function` may have meant.
    pub(super) fn function_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// The metric of a name: of the package that is named, or else wherever it is.
    pub(super) fn find_metric(&self, metric: &Ref, from: &str, root: &str) -> Target {
        let entries = self.metrics.get(&metric.name);
        let entries: Vec<&Entry> = entries.into_iter().flatten().collect();
        pick(&entries, metric.package.as_deref(), from, root)
    }

    pub(super) fn metric_names(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// Names that a mistyped `ref` may have meant.
    pub(super) fn ref_names(&self) -> impl Iterator<Item = &str> {
        self.refs.keys().map(String::as_str)
    }

    /// `source.table` names that a mistyped `source` may have meant.
    pub(super) fn source_names(&self) -> impl Iterator<Item = String> {
        self.sources
            .keys()
            .map(|(source, table)| format!("{source}.{table}"))
    }

    /// Versions that exist of a model.
    pub(super) fn versions(&self, name: &str) -> Vec<String> {
        let entries = self.refs.get(name).map_or(&[][..], Vec::as_slice);
        entries.iter().filter_map(|e| e.version.clone()).collect()
    }
}

fn pick(entries: &[&Entry], package: Option<&str>, from: &str, root: &str) -> Target {
    let searched: &[Option<&str>] = match package {
        Some(_) => &[package],
        None if from == root => &[Some(root), None],
        None => &[Some(root), Some(from), None],
    };
    let mut outcome = Target::Missing;
    for wanted in searched {
        for entry in entries
            .iter()
            .filter(|e| wanted.is_none_or(|package| package == e.package))
        {
            match entry.index {
                Some(index) => return Target::Found(index),
                None => outcome = Target::Disabled,
            }
        }
    }
    outcome
}
