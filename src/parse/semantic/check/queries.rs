//! Saved queries: groupings and orders by what is there.

use crate::node::Detail;
use crate::node::Node;
use crate::node::SavedQuery;
use crate::parse::semantic;
use crate::parse::semantic::check::Set;
use crate::parse::semantic::filters;
use crate::parse::semantic::items;
use crate::parse::semantic::text;
use rustc_hash::FxHashSet;
use serde_json::Value;

pub(super) fn check(set: &Set<'_>) {
    let known = elements(set);
    for node in set.nodes.iter().filter(|node| node.is_enabled()) {
        if let Detail::SavedQuery(query) = &node.detail {
            check_groupings(set, node, query, &known);
            check_conditions(set, node, query);
            check_order(set, node, query);
        }
    }
}

/// The names that a grouping can end in.
fn elements<'a>(set: &Set<'a>) -> FxHashSet<&'a str> {
    let models = semantic::semantic_models(set.nodes);
    let elements = models.flat_map(|(_, model)| model.entities.iter().chain(&model.dimensions));
    let mut names: FxHashSet<&str> = elements.map(|element| text(element, "name")).collect();
    names.insert("metric_time");
    names
}

fn check_groupings(set: &Set<'_>, node: &Node, query: &SavedQuery, known: &FxHashSet<&str>) {
    for item in items(&query.query_params, "group_by")
        .iter()
        .filter_map(Value::as_str)
    {
        match filters::of_item(set.engine, item) {
            Err(mistake) => set.error(
                node,
                "",
                format!(
                    "An error occurred while trying to parse a group-by in saved query `{}` - \
                     {mistake}: {item}",
                    node.name
                ),
            ),
            Ok(called) => {
                let is_known = |called: &filters::Called| {
                    called.function == "Metric" || known.contains(called.element())
                };
                if !called.iter().all(is_known) {
                    set.error(node, "", format!("`{item}` is not a valid group-by name."));
                }
            }
        }
    }
}

fn check_conditions(set: &Set<'_>, node: &Node, query: &SavedQuery) {
    for condition in items(&query.query_params["where"], "where_filters") {
        let written = text(condition, "where_sql_template");
        if let Err(mistake) = filters::of_condition(set.engine, written) {
            let message = format!(
                "An error occurred while trying to parse a filter in saved query `{}` - {mistake}: \
                 {written}",
                node.name
            );
            set.error(node, "", message);
        }
    }
}

fn check_order(set: &Set<'_>, node: &Node, query: &SavedQuery) {
    let params = &query.query_params;
    let metrics: Vec<&str> = items(params, "metrics")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let groupings: Vec<filters::Called> = items(params, "group_by")
        .iter()
        .filter_map(|item| filters::of_item(set.engine, item.as_str()?).ok())
        .flatten()
        .collect();
    for item in items(params, "order_by").iter().filter_map(Value::as_str) {
        let is_listed = |called: &filters::Called| match called.function {
            "Metric" => metrics.contains(&called.name.as_str()),
            _ => groupings.contains(called),
        };
        match filters::of_item(set.engine, item) {
            Err(mistake) => set.error(
                node,
                "",
                format!(
                    "An error occurred while trying to parse an order-by in saved query `{}` - \
                     {mistake}: {item}",
                    node.name
                ),
            ),
            Ok(called) if !called.iter().all(is_listed) => {
                let message =
                    format!("{item} does not match any of the listed metrics or group-by items. ");
                set.error(node, "", message);
            }
            Ok(_) => {}
        }
    }
}
