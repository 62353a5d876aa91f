//! Methods about what YAML files declare: sources, exposures and tests.

use crate::base::Diagnostic;
use crate::graph::Graph;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::node::Test;
use crate::select::Read;
use crate::select::methods::bad_value;
use crate::select::methods::distinct;
use crate::select::methods::nodes;
use crate::select::methods::pattern;
use crate::select::methods::properties::near;
use crate::select::methods::text;
use crate::select::set::NodeSet;
use crate::select::spec::Criterion;
use crate::select::wildcard::Pattern;

/// `source`, `source.table` or `package.source.table`.
pub(super) fn source(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let text = text(criterion)?;
    let patterns: Vec<Pattern> = text.split('.').map(Pattern::new).collect();
    let anything = Pattern::new("*");
    let (package, source, table) = match patterns.as_slice() {
        [source] => (&anything, source, &anything),
        [source, table] => (&anything, source, table),
        [package, source, table] => (package, source, table),
        _ => return Err(bad_source(text).into()),
    };
    Ok(nodes(graph, |node| match &node.detail {
        Detail::Source(found) => {
            package.fits(&node.package) && source.fits(&found.source_name) && table.fits(&node.name)
        }
        _ => false,
    }))
}

fn bad_source(text: &str) -> Diagnostic {
    bad_value(format!(
        "Invalid source selector value \"{text}\". Sources must be of the form `${{source_name}}`, \
         `${{source_name}}.${{target_name}}`, or `${{package_name}}.${{source_name}}.${{target_name}}`"
    ))
}

pub(super) fn sources(graph: &Graph) -> Vec<String> {
    let names = graph.nodes().filter_map(|node| match &node.detail {
        Detail::Source(source) => Some([
            source.source_name.clone(),
            format!("{}.{}", source.source_name, node.name),
        ]),
        _ => None,
    });
    distinct(names.flatten())
}

/// `exposure` or `package.exposure`.
pub(super) fn exposure(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    named(graph, criterion, Resource::Exposure)
}

pub(super) fn exposures(graph: &Graph) -> Vec<String> {
    names(graph, Resource::Exposure)
}

pub(super) fn metric(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    named(graph, criterion, Resource::Metric)
}

pub(super) fn metrics(graph: &Graph) -> Vec<String> {
    names(graph, Resource::Metric)
}

pub(super) fn semantic_model(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    named(graph, criterion, Resource::SemanticModel)
}

pub(super) fn semantic_models(graph: &Graph) -> Vec<String> {
    names(graph, Resource::SemanticModel)
}

pub(super) fn saved_query(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    named(graph, criterion, Resource::SavedQuery)
}

pub(super) fn saved_queries(graph: &Graph) -> Vec<String> {
    names(graph, Resource::SavedQuery)
}

/// `name` or `package.name` of one kind of node.
fn named(graph: &Graph, criterion: &Criterion, kind: Resource) -> Read<NodeSet> {
    let text = text(criterion)?;
    let patterns: Vec<Pattern> = text.split('.').map(Pattern::new).collect();
    let (package, name) = match patterns.as_slice() {
        [name] => (None, name),
        [package, name] => (Some(package), name),
        _ => return Err(too_many_parts(text, kind).into()),
    };
    Ok(nodes(graph, |node| {
        node.resource == kind
            && name.fits(&node.name)
            && package.is_none_or(|package| package.fits(&node.package))
    }))
}

fn too_many_parts(text: &str, kind: Resource) -> Diagnostic {
    let (word, plural) = match kind {
        Resource::Metric => ("metric", "Metrics"),
        Resource::SemanticModel => ("semantic_model", "Semantic models"),
        Resource::SavedQuery => ("saved_query", "Saved queries"),
        _ => ("exposure", "Exposures"),
    };
    bad_value(format!(
        "Invalid {word} selector value \"{text}\". {plural} must be of the form \
         ${{{word}_name}} or ${{{word}_package.{word}_name}}"
    ))
}

fn names(graph: &Graph, kind: Resource) -> Vec<String> {
    let found = graph.nodes().filter(|node| node.resource == kind);
    distinct(found.map(|node| node.name.clone()))
}

/// `unit_test` or `package.unit_test`.
pub(super) fn unit_test(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let text = text(criterion)?;
    let patterns: Vec<Pattern> = text.split('.').map(Pattern::new).collect();
    let (package, name) = match patterns.as_slice() {
        [name] => (None, name),
        [package, name] => (Some(package), name),
        _ => {
            return Err(bad_value(format!(
                "Invalid unit test selector value \"{text}\". Unit tests must be of the form \
                 ${{unit_test_name}} or ${{unit_test_package_name}}.${{unit_test_name}}"
            ))
            .into());
        }
    };
    Ok(nodes(graph, |node| {
        is_unit_test(node)
            && name.fits(&node.name)
            && package.is_none_or(|package| package.fits(&node.package))
    }))
}

pub(super) fn unit_tests(graph: &Graph) -> Vec<String> {
    let found = graph.nodes().filter(|node| is_unit_test(node));
    distinct(found.map(|node| node.name.clone()))
}

fn is_unit_test(node: &Node) -> bool {
    matches!(node.detail, Detail::UnitTest(_))
}

/// The name of the generic test, such as `unique`, without its package; or of a unit test.
pub(super) fn test_name(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    let pattern = pattern(criterion)?;
    Ok(nodes(graph, |node| match &node.detail {
        Detail::Test(test) => generic_name(test).is_some_and(|name| pattern.fits(name)),
        Detail::UnitTest(_) => pattern.fits(&node.name),
        _ => false,
    }))
}

pub(super) fn test_names(graph: &Graph) -> Vec<String> {
    let names = graph.nodes().filter_map(|node| match &node.detail {
        Detail::Test(test) => generic_name(test).map(str::to_string),
        _ => None,
    });
    distinct(names)
}

fn generic_name(test: &Test) -> Option<&str> {
    test.metadata
        .as_ref()
        .map(|metadata| metadata.name.as_str())
}

pub(super) fn test_type(graph: &Graph, criterion: &Criterion) -> Read<NodeSet> {
    match text(criterion)? {
        "generic" | "schema" => Ok(tests(graph, |test| test.metadata.is_some())),
        "singular" => Ok(tests(graph, |test| test.metadata.is_none())),
        "data" => Ok(tests(graph, |_| true)),
        "unit" => Ok(nodes(graph, is_unit_test)),
        other => Err(bad_value(format!(
            "Invalid test type selector {other}: expected \"generic\", \"singular\", \"unit\", or \"data\""
        ))
        .maybe_hint(near(other, &["generic", "singular", "unit", "data"])).into()),
    }
}

fn tests(graph: &Graph, fits: impl Fn(&Test) -> bool) -> NodeSet {
    nodes(graph, |node| match &node.detail {
        Detail::Test(test) => fits(test),
        _ => false,
    })
}
