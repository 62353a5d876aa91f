//! Metrics: expressions that use their inputs, windows of known grains, conversions that can be followed.

use crate::node::Metric;
use crate::node::Node;
use crate::parse::semantic;
use crate::parse::semantic::check::Set;
use crate::parse::semantic::filters;
use crate::parse::semantic::items;
use crate::parse::semantic::text;
use crate::parse::shape::GRAINS;
use serde_json::Value;

pub(super) fn check(set: &Set<'_>) {
    for (node, metric) in semantic::metrics(set.nodes) {
        let params = &metric.type_params;
        match metric.kind.as_str() {
            "derived" => check_derived(set, node, params),
            "cumulative" => check_cumulative(set, node, &params["cumulative_type_params"]),
            "conversion" => check_conversion(set, node, &params["conversion_type_params"]),
            _ => {}
        }
        check_filters(set, node, metric);
    }
}

fn check_derived(set: &Set<'_>, node: &Node, params: &Value) {
    let name = &node.name;
    let inputs = items(params, "metrics");
    if inputs.is_empty() {
        let message = format!(
            "No input metrics found for derived metric '{name}'. Please add metrics to \
             type_params.metrics."
        );
        set.error(node, "", message);
    }
    match params["expr"].as_str() {
        None => set.warn(
            node,
            "",
            format!(
                "No `expr` set for derived metric {name}. Please add an `expr` that references all \
                 input metrics."
            ),
        ),
        Some(expr) => {
            for input in inputs {
                let used = input["alias"].as_str().unwrap_or(text(input, "name"));
                if !words(expr).any(|word| word == used) {
                    let message = format!(
                        "Input metric '{used}' is not used in `expr`: '{expr}' for derived metric \
                         '{name}'. Please update the `expr` or remove the input metric."
                    );
                    set.warn(node, "", message);
                }
            }
        }
    }
    for input in inputs {
        check_input(set, node, input, inputs);
    }
}

fn check_input(set: &Set<'_>, node: &Node, input: &Value, inputs: &[Value]) {
    let name = text(input, "name");
    if let Some(alias) = input["alias"].as_str()
        && inputs.iter().any(|other| text(other, "name") == alias)
    {
        let message = format!(
            "Alias '{alias}' for input metric: '{name}' is already being used. Please choose another \
             alias."
        );
        set.error(node, "", message);
    }
    let window = &input["offset_window"];
    if !window.is_null() && !input["offset_to_grain"].is_null() {
        let message = format!(
            "Both offset_window and offset_to_grain set for derived metric '{}' on input metric \
             '{name}'. Please set one or the other.",
            node.name
        );
        set.error(node, "", message);
    }
    check_window(set, node, window);
}

fn check_cumulative(set: &Set<'_>, node: &Node, params: &Value) {
    let grain = params["grain_to_date"].as_str();
    if !params["window"].is_null() && grain.is_some() {
        let message = "Both window and grain_to_date set for cumulative metric. Please set one or \
                       the other.";
        set.error(node, "", message.to_string());
    }
    if let Some(grain) = grain.filter(|grain| !GRAINS.contains(grain)) {
        let message = format!(
            "Invalid time granularity found in `grain_to_date`: '{grain}'. Custom granularities are \
             not supported for this field yet."
        );
        set.error(node, "", message);
    }
    check_window(set, node, &params["window"]);
}

fn check_window(set: &Set<'_>, node: &Node, window: &Value) {
    let Some(grain) = window["granularity"].as_str() else {
        return;
    };
    let singular = grain.strip_suffix('s').unwrap_or(grain);
    if !set.is_grain(grain) && !set.is_grain(singular) {
        let message = format!(
            "Invalid time granularity '{grain}' in window: '{} {grain}'",
            window["count"]
        );
        set.error(node, "", message);
    }
}

fn check_conversion(set: &Set<'_>, node: &Node, params: &Value) {
    let entity = text(params, "entity");
    let sides = [
        ("base", "base_measure", "base_property"),
        ("conversion", "conversion_measure", "conversion_property"),
    ];
    for (side, measure, property) in sides {
        let Some((model, measure)) = set.measure(text(&params[measure], "name")) else {
            continue;
        };
        if !has_element(model, "entities", entity) {
            let message = format!(
                "Entity: {entity} not found in {side} semantic model: {}.",
                model.name
            );
            set.error(node, "", message);
        }
        if !counts(measure) {
            let message = format!(
                "For conversion metrics, the measure must be COUNT/SUM(1)/COUNT_DISTINCT. Measure: \
                 {} is agg type: AggregationType.{}",
                text(measure, "name"),
                text(measure, "agg").to_uppercase()
            );
            set.error(node, "", message);
        }
        for pair in items(params, "constant_properties") {
            let wanted = text(pair, property);
            if !has_element(model, "entities", wanted) && !has_element(model, "dimensions", wanted)
            {
                let message = format!(
                    "The provided constant property: {wanted}, cannot be found in semantic model {}",
                    model.name
                );
                set.error(node, "", message);
            }
        }
    }
}

fn has_element(model: &Node, kind: &str, name: &str) -> bool {
    let crate::node::Detail::SemanticModel(model) = &model.detail else {
        return false;
    };
    let elements = match kind {
        "entities" => &model.entities,
        _ => &model.dimensions,
    };
    elements.iter().any(|element| text(element, "name") == name)
}

fn counts(measure: &Value) -> bool {
    match text(measure, "agg") {
        "count" | "count_distinct" => true,
        "sum" => text(measure, "expr") == "1",
        _ => false,
    }
}

/// The filters of a metric, and of each of its inputs.
fn check_filters(set: &Set<'_>, node: &Node, metric: &Metric) {
    let params = &metric.type_params;
    let mut inputs: Vec<&Value> = vec![&params["measure"], &params["numerator"]];
    inputs.push(&params["denominator"]);
    inputs.extend(items(params, "metrics"));
    let filters = inputs
        .into_iter()
        .map(|input| &input["filter"])
        .chain([&metric.filter]);
    for condition in filters.flat_map(|filter| items(filter, "where_filters")) {
        let written = text(condition, "where_sql_template");
        if let Err(mistake) = filters::of_condition(set.engine, written) {
            let message = format!(
                "An error occurred while trying to parse filter of metric `{}` - {mistake}: {written}",
                node.name
            );
            set.error(node, "", message);
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}
