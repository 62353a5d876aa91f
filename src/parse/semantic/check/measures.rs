//! Measures: known by one name, counted over a time, with what their aggregation needs.

use crate::node::Node;
use crate::node::SemanticModel;
use crate::parse::semantic;
use crate::parse::semantic::check::Set;
use crate::parse::semantic::text;
use rustc_hash::FxHashMap;
use serde_json::Value;

pub(super) fn check(set: &Set<'_>) {
    let mut seen: FxHashMap<&str, &str> = FxHashMap::default();
    for (node, model) in semantic::semantic_models(set.nodes) {
        check_default_time(set, node, model);
        for measure in &model.measures {
            let name = text(measure, "name");
            if seen.insert(name, &node.name).is_some() {
                let message = format!(
                    "Found measure with name {name} in multiple semantic models with names (['{}'])",
                    node.name
                );
                set.error(node, name, message);
            }
            check_time(set, node, model, measure);
            check_aggregation(set, node, measure);
        }
    }
}

fn has_time(model: &SemanticModel, name: &str) -> bool {
    let mut dimensions = model.dimensions.iter();
    dimensions.any(|d| text(d, "name") == name && text(d, "type") == "time")
}

fn check_default_time(set: &Set<'_>, node: &Node, model: &SemanticModel) {
    let default = text(&model.defaults, "agg_time_dimension");
    if !default.is_empty() && !has_time(model, default) {
        let message = format!(
            "Default aggregation time dimension was specified as '{default}' which doesn't exist as \
             a time dimension in semantic model named '{}'.",
            node.name
        );
        set.error(node, "", message);
    }
}

fn check_time(set: &Set<'_>, node: &Node, model: &SemanticModel, measure: &Value) {
    let name = text(measure, "name");
    let own = measure["agg_time_dimension"].as_str();
    let default = model.defaults["agg_time_dimension"].as_str();
    match own.or(default) {
        None => {
            let message = format!(
                "An error occurred while checking aggregation time dimension for a semantic model - \
                 AssertionError: Aggregation time dimension for measure {name} is not set! This \
                 should either be set directly on the measure specification in the model, or else \
                 defaulted to the primary time dimension in the data source containing the measure."
            );
            set.error(node, name, message);
        }
        Some(time) if !has_time(model, time) => {
            let message = format!(
                "In semantic model '{}', measure '{name}' has the aggregation time dimension set to \
                 '{time}', which is not a valid time dimension in the semantic model",
                node.name
            );
            set.error(node, name, message);
        }
        Some(_) => {}
    }
}

fn check_aggregation(set: &Set<'_>, node: &Node, measure: &Value) {
    let name = text(measure, "name");
    let percentile = measure["agg_params"]["percentile"].as_f64();
    let message = match (text(measure, "agg"), percentile) {
        ("count", _) if measure["expr"].is_null() => format!(
            "Measure '{name}' uses a COUNT aggregation, which requires an expr to be provided. \
             Provide 'expr: 1' if a count of all rows is desired."
        ),
        ("percentile", None) => format!(
            "Measure '{name}' uses a PERCENTILE aggregation, which requires agg_params.percentile \
             to be provided."
        ),
        ("percentile", Some(share)) if share <= 0.0 || share >= 1.0 => format!(
            "Percentile aggregation parameter for measure '{name}' is '{share:?}', but must be \
             between 0 and 1 (non-inclusive). For example, to indicate the 65th percentile value, \
             set 'percentile: 0.65'. For percentile values of 0, please use MIN, for percentile \
             values of 1, please use MAX."
        ),
        _ => return,
    };
    set.error(node, name, message);
}
