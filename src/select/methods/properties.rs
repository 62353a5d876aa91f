//! Methods about what every node has, or every model: tags, package, kind, group, access, version.

use crate::base::diagnostic::nearest;
use crate::graph::Graph;
use crate::node::Detail;
use crate::node::Model;
use crate::node::Node;
use crate::node::version_text;
use crate::select::Read;
use crate::select::methods::bad_value;
use crate::select::methods::distinct;
use crate::select::methods::nodes;
use crate::select::methods::pattern;
use crate::select::methods::text;
use crate::select::set::NodeSet;
use crate::select::spec::Criterion;
use crate::select::wildcard::Pattern;
use serde_json::Value;
use std::cmp::Ordering;

/// Words that dbt knows for kinds of nodes, those included that no project of ours holds.
const KINDS: [&str; 17] = [
    "model",
    "analysis",
    "test",
    "snapshot",
    "operation",
    "seed",
    "sql_operation",
    "doc",
    "source",
    "macro",
    "exposure",
    "metric",
    "group",
    "saved_query",
    "semantic_model",
    "unit_test",
    "function",
];

pub(super) fn tag(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let pattern = pattern(criterion)?;
    Ok(nodes(graph, |node| {
        node.tags.iter().any(|tag| pattern.fits(tag))
    }))
}

pub(super) fn tags(graph: &Graph) -> Vec<String> {
    distinct(graph.nodes().flat_map(|node| node.tags.clone()))
}

/// `this` stands for the root project.
pub(super) fn package(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let pattern = match text(criterion)? {
        "this" => Pattern::new(graph.root_package()),
        name => Pattern::new(name),
    };
    Ok(nodes(graph, |node| pattern.fits(&node.package)))
}

pub(super) fn packages(graph: &Graph) -> Vec<String> {
    distinct(graph.nodes().map(|node| node.package.clone()))
}

pub(super) fn resource_type(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let kind = text(criterion)?;
    if !KINDS.contains(&kind) {
        return Err(
            bad_value(format!("Invalid resource_type selector \"{kind}\""))
                .maybe_hint(near(kind, &KINDS))
                .into(),
        );
    }
    Ok(nodes(graph, |node| node.resource.as_str() == kind))
}

pub(super) fn group(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let pattern = pattern(criterion)?;
    Ok(nodes(graph, |node| {
        group_of(node).is_some_and(|group| pattern.fits(group))
    }))
}

pub(super) fn groups(graph: &Graph) -> Vec<String> {
    distinct(graph.nodes().filter_map(group_of).map(str::to_string))
}

fn group_of(node: &Node) -> Option<&str> {
    node.group()
}

pub(super) fn access(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let access = text(criterion)?;
    Ok(models(graph, |model| model.access == access))
}

pub(super) fn version(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let wanted = match text(criterion)? {
        "latest" => Some(Ordering::Equal),
        "prerelease" => Some(Ordering::Greater),
        "old" => Some(Ordering::Less),
        "none" => None,
        other => {
            return Err(bad_value(format!(
                "Invalid version type selector {other}: expected one of: \"latest\", \"prerelease\", \"old\", or \"none\""
            )).into());
        }
    };
    Ok(models(graph, |model| standing(model) == wanted))
}

fn models(graph: &Graph, fits: impl Fn(&Model) -> bool) -> NodeSet {
    nodes(graph, |node| match &node.detail {
        Detail::Model(model) => fits(model),
        _ => false,
    })
}

/// Where a model's version stands against the latest; `None` for a model without versions.
fn standing(model: &Model) -> Option<Ordering> {
    let version = model.version.as_ref()?;
    let latest = model.latest_version.as_ref().unwrap_or(version);
    let numbers = number(version).zip(number(latest));
    let by_number = numbers.and_then(|(version, latest)| version.partial_cmp(&latest));
    Some(by_number.unwrap_or_else(|| version_text(version).cmp(&version_text(latest))))
}

fn number(version: &Value) -> Option<f64> {
    match version {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}

pub(super) fn near(word: &str, words: &[&str]) -> Option<String> {
    nearest(&word.to_lowercase(), words.iter().copied())
        .map(|near| format!("did you mean `{near}`?"))
}
