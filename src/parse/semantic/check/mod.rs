//! The rules for a whole set of semantic models, metrics and saved queries, in the words of the
//! programs that ask them. They hold once there is a metric to ask for.

mod measures;
mod metrics;
mod models;
mod names;
mod queries;

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::jinja::Engine;
use crate::node::Detail;
use crate::node::Node;
use crate::parse::semantic;
use crate::parse::semantic::models::place_of;
use crate::parse::semantic::text;
use crate::parse::shape::GRAINS;
use std::cell::Cell;
use std::sync::Arc;

/// Everything that a rule looks at.
struct Set<'a> {
    /// Semantic models, metrics and saved queries.
    nodes: &'a [Node],
    /// Names of grains of time that spines of the project add.
    custom_grains: Vec<String>,
    engine: &'a Arc<Engine>,
    bag: &'a Bag,
    has_failed: Cell<bool>,
}

/// Holds all rules against the nodes. `found` are the nodes that have files.
pub(super) fn all(nodes: &[Node], found: &[Node], engine: &Arc<Engine>, bag: &Bag) {
    if semantic::metrics(nodes).next().is_none() {
        return;
    }
    let set = Set {
        nodes,
        custom_grains: custom_grains(found),
        engine,
        bag,
        has_failed: Cell::new(false),
    };
    names::check(&set);
    models::check(&set);
    measures::check(&set);
    metrics::check(&set);
    queries::check(&set);
    if set.has_failed.get() {
        let ended = Diagnostic::error("semantic-rules", "Semantic Manifest validation failed.");
        bag.add(ended.headline("Parsing Error"));
    }
}

fn custom_grains(found: &[Node]) -> Vec<String> {
    let spines = found.iter().filter_map(|node| match &node.detail {
        Detail::Model(model) if node.is_enabled() => model.time_spine.as_ref(),
        _ => None,
    });
    let grains = spines.flat_map(|spine| semantic::items(spine, "custom_granularities"));
    grains
        .map(|grain| text(grain, "name").to_string())
        .collect()
}

impl Set<'_> {
    /// A broken rule, at the place where the node names the element.
    fn error(&self, node: &Node, element: &str, message: String) {
        self.has_failed.set(true);
        self.tell(Diagnostic::error("semantic-rule", message), node, element);
    }

    fn warn(&self, node: &Node, element: &str, message: String) {
        self.tell(Diagnostic::warning("semantic-rule", message), node, element);
    }

    fn tell(&self, found: Diagnostic, node: &Node, element: &str) {
        let place = match element {
            "" => Place::line(&node.file, node.first_line),
            element => place_of(node, element),
        };
        self.bag
            .add(found.at(place).event("SemanticValidationFailure"));
    }

    fn is_grain(&self, name: &str) -> bool {
        GRAINS.contains(&name) || self.custom_grains.iter().any(|custom| custom == name)
    }

    /// The enabled semantic model that has a measure, and the measure.
    fn measure(&self, name: &str) -> Option<(&Node, &serde_json::Value)> {
        semantic::semantic_models(self.nodes).find_map(|(node, model)| {
            let mut measures = model.measures.iter();
            Some((
                node,
                measures.find(|measure| text(measure, "name") == name)?,
            ))
        })
    }
}
