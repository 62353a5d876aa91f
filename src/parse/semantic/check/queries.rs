//! Saved queries: groupings and orders by what is there.

use crate::node::Detail;
use crate::node::Node;
use crate::node::SavedQuery;
use crate::parse::semantic;
use crate::parse::semantic::check::Set;
use crate::parse::semantic::filters;
use crate::parse::semantic::filters::Called;
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
    let is_known =
        |called: &Called| called.function == "Metric" || known.contains(called.element());
    for item in texts(&query.query_params, "group_by") {
        match filters::of_item(set.engine, item) {
            Err(mistake) => unreadable(set, node, "a group-by", item, &mistake),
            Ok(called) if !called.iter().all(is_known) => {
                set.error(node, "", format!("`{item}` is not a valid group-by name."));
            }
            Ok(_) => {}
        }
    }
}

fn check_conditions(set: &Set<'_>, node: &Node, query: &SavedQuery) {
    for condition in items(&query.query_params["where"], "where_filters") {
        let written = text(condition, "where_sql_template");
        if let Err(mistake) = filters::of_condition(set.engine, written) {
            unreadable(set, node, "a filter", written, &mistake);
        }
    }
}

fn check_order(set: &Set<'_>, node: &Node, query: &SavedQuery) {
    let params = &query.query_params;
    let metrics: Vec<&str> = texts(params, "metrics").collect();
    let groupings: Vec<Called> = texts(params, "group_by")
        .filter_map(|item| filters::of_item(set.engine, item).ok())
        .flatten()
        .collect();
    let is_listed = |called: &Called| match called.function {
        "Metric" => metrics.contains(&called.name.as_str()),
        _ => groupings.contains(called),
    };
    for item in texts(params, "order_by") {
        match filters::of_item(set.engine, item) {
            Err(mistake) => unreadable(set, node, "an order-by", item, &mistake),
            Ok(called) if !called.iter().all(is_listed) => {
                let message =
                    format!("{item} does not match any of the listed metrics or group-by items. ");
                set.error(node, "", message);
            }
            Ok(_) => {}
        }
    }
}

/// The texts of a list.
fn texts<'a>(params: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    items(params, key).iter().filter_map(Value::as_str)
}

/// Jinja of a query that cannot be read; `part` says of which part of it.
fn unreadable(set: &Set<'_>, node: &Node, part: &str, written: &str, mistake: &str) {
    let name = &node.name;
    let message = format!(
        "An error occurred while trying to parse {part} in saved query `{name}` - {mistake}: {written}"
    );
    set.error(node, "", message);
}
