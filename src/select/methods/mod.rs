//! The methods of the selection grammar as a table: the name, what it finds, what it could have found.

mod config;
mod declared;
mod file;
mod name;
mod past;
mod properties;

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::diagnostic::nearest;
use crate::graph::Graph;
use crate::node::Node;
use crate::select::Read;
use crate::select::past::Past;
use crate::select::set::NodeSet;
use crate::select::spec::Criterion;
use crate::select::spec::default_method;
use crate::select::wildcard::Pattern;

/// Nodes that fit a criterion, or what is wrong with the criterion.
type Answer = Read<NodeSet>;

/// One row of the table.
struct Method {
    name: &'static str,
    find: Find,
    /// Values that would find something, to offer when one is mistyped.
    values: fn(&Graph) -> Vec<String>,
}

#[derive(Clone, Copy)]
enum Find {
    /// The graph is enough.
    InGraph(fn(&Graph, &Criterion) -> Answer),
    /// So is the graph beside what earlier calls left behind; findings go to the bag.
    BesidePast(fn(&Graph, &Past<'_>, &Criterion, &Bag) -> Answer),
}

const METHODS: &[Method] = &[
    method("fqn", name::find, name::values),
    method("tag", properties::tag, properties::tags),
    method("path", file::path, no_values),
    method("file", file::name, file::names),
    method("package", properties::package, properties::packages),
    method("config", config::find, no_values),
    method("resource_type", properties::resource_type, no_values),
    method("group", properties::group, properties::groups),
    method("access", properties::access, no_values),
    method("version", properties::version, no_values),
    method("source", declared::source, declared::sources),
    method("exposure", declared::exposure, declared::exposures),
    method("unit_test", declared::unit_test, declared::unit_tests),
    method("test_name", declared::test_name, declared::test_names),
    method("test_type", declared::test_type, no_values),
    beside_past("state", past::state),
    beside_past("result", past::result),
    beside_past("source_status", past::source_status),
    method("metric", declared::metric, declared::metrics),
    method(
        "semantic_model",
        declared::semantic_model,
        declared::semantic_models,
    ),
    method(
        "saved_query",
        declared::saved_query,
        declared::saved_queries,
    ),
];

const fn method(
    name: &'static str,
    find: fn(&Graph, &Criterion) -> Answer,
    values: fn(&Graph) -> Vec<String>,
) -> Method {
    Method {
        name,
        find: Find::InGraph(find),
        values,
    }
}

const fn beside_past(
    name: &'static str,
    find: fn(&Graph, &Past<'_>, &Criterion, &Bag) -> Answer,
) -> Method {
    Method {
        name,
        find: Find::BesidePast(find),
        values: no_values,
    }
}

/// The nodes that a criterion names, before its signs lead further.
pub(super) fn find(graph: &Graph, past: &Past<'_>, criterion: &Criterion, bag: &Bag) -> Answer {
    let method = row(&criterion.method).ok_or_else(|| unknown(&criterion.method))?;
    match method.find {
        Find::InGraph(find) => find(graph, criterion),
        Find::BesidePast(find) => find(graph, past, criterion, bag),
    }
}

/// Complains about a word that is no method.
pub(super) fn check_name(name: &str) -> Read<()> {
    row(name).map(drop).ok_or_else(|| unknown(name).into())
}

/// A criterion like this one that would have found something.
pub(super) fn offer(graph: &Graph, criterion: &Criterion) -> Option<String> {
    let written = criterion.value.as_str()?;
    let method = row(&criterion.method)?;
    if method.name == default_method(written) {
        // Bare words are meant for other methods at times.
        let mut others = METHODS.iter().filter(|other| other.name != method.name);
        let holder = others.find(|other| (other.values)(graph).iter().any(|v| v == written));
        if let Some(holder) = holder {
            return Some(format!("{}:{written}", holder.name));
        }
    }
    let values = (method.values)(graph);
    let near = nearest(written, values.iter().map(String::as_str))?;
    Some(match method.name == default_method(near) {
        true => near.to_string(),
        false => format!("{}:{near}", method.name),
    })
}

fn row(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

fn unknown(name: &str) -> Diagnostic {
    let names = METHODS.iter().map(|m| m.name);
    let begun = names
        .clone()
        .find(|method| !name.is_empty() && method.starts_with(name));
    let hint = match begun.or_else(|| nearest(name, names.clone())) {
        Some(near) => format!("did you mean `{near}:`?"),
        None => format!("the methods are {}", names.collect::<Vec<_>>().join(", ")),
    };
    let message = format!("'{name}' is not a valid method name");
    Diagnostic::error("unknown-method", message).hint(hint)
}

fn no_values(_: &Graph) -> Vec<String> {
    Vec::new()
}

/// All nodes that pass a question.
fn nodes(graph: &Graph, fits: impl Fn(&Node) -> bool) -> NodeSet {
    let members = graph.indices().filter(|index| fits(graph.node(*index)));
    NodeSet::of(graph.len(), members)
}

/// The value of a criterion as a text.
fn text(criterion: &Criterion) -> Read<&str> {
    let text = criterion.value.as_str().ok_or_else(|| {
        bad_value(format!(
            "the value of the method `{}` has to be a text, not `{}`",
            criterion.method, criterion.value
        ))
    })?;
    Ok(text)
}

/// The value of a criterion, wildcards read.
fn pattern(criterion: &Criterion) -> Read<Pattern> {
    text(criterion).map(Pattern::new)
}

fn bad_value(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("bad-selection", message)
}

/// Each text once, in order.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let texts: std::collections::BTreeSet<String> = texts.collect();
    texts.into_iter().collect()
}
