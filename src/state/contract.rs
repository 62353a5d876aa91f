//! Enforced contracts held against what was promised before.
//!
//! A broken promise of a versioned model is an error, because a new version could have been made;
//! of a model without versions it is a warning.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::graph::Graph;
use crate::state::Earlier;
use crate::state::pair::Pair;
use crate::state::pair::find;
use crate::state::promise::Promise;
use serde_json::Map;
use serde_json::Value;

/// Whether the contract of a model differs; what it breaks goes to the bag.
pub(super) fn differs(pair: &Pair<'_>, bag: &Bag) -> bool {
    let (now, then) = (Promise::of(pair.now), Promise::of(pair.then));
    if !then.is_enforced {
        return now.is_enforced;
    }
    let broken = then.broken_by(&now);
    if !broken.is_empty() {
        let place = Place::line(&pair.node.file, pair.node.first_line);
        bag.add(told(pair.then, &broken).at(place));
    }
    now != then || !broken.is_empty()
}

/// Tells of models with an enforced contract that are gone or turned off.
pub(super) fn tell_of_removed(graph: &Graph, earlier: &Earlier, bag: &Bag) {
    for (id, then) in &earlier.nodes {
        let is_model = then.get("resource_type").and_then(Value::as_str) == Some("model");
        if !is_model || graph.find(id).is_some() || !Promise::of(then).is_enforced {
            continue;
        }
        let mut disabled = graph.disabled().iter();
        let (what, place) = match disabled.find(|node| node.unique_id.as_str() == id) {
            Some(node) => ("disabled", Some(Place::line(&node.file, node.first_line))),
            None => ("deleted or renamed", None),
        };
        let broken = format!("Contracted model '{id}' was {what}.");
        bag.add(told(then, &[broken]).maybe_at(place));
    }
}

/// The diagnostic about broken promises; `then` is the model as it was.
fn told(then: &Map<String, Value>, broken: &[String]) -> Diagnostic {
    let text = |key: &str| then.get(key).and_then(Value::as_str).unwrap_or_default();
    let whose = format!("model {} ({})", text("name"), text("original_file_path"));
    let listed = |indent: &str| -> String {
        let lines = broken.iter().flat_map(|one| one.lines());
        lines
            .map(|line| {
                let mark = if line.starts_with(' ') { "  " } else { "- " };
                format!("\n{indent}{mark}{line}")
            })
            .collect()
    };
    match find(then, "version") {
        Some(_) => Diagnostic::error(
            "broken-contract",
            format!(
                "While comparing to previous project state, dbt detected a breaking change to an enforced contract.{}\n\
                 Consider making an additive (non-breaking) change instead, if possible.\n\
                 Otherwise, create a new model version: https://docs.getdbt.com/docs/collaborate/govern/model-versions",
                listed("  ")
            ),
        )
        .headline(format!("Breaking change to contract Error in {whose}")),
        None => Diagnostic::warning(
            "broken-contract",
            format!(
                "Breaking change to contracted, unversioned {whose}\n\
                 While comparing to previous project state, dbt detected a breaking change to an unversioned model.{}",
                listed("  ")
            ),
        )
        .event("UnversionedBreakingChange"),
    }
}
