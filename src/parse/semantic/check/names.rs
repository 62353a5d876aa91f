//! Names: their letters, words that are taken, and labels that are told apart.

use crate::node::Detail;
use crate::node::Node;
use crate::parse::semantic;
use crate::parse::semantic::check::Set;
use crate::parse::semantic::text;
use crate::parse::shape::GRAINS;
use rustc_hash::FxHashMap;

pub(super) fn check(set: &Set<'_>) {
    for node in set.nodes.iter().filter(|node| node.is_enabled()) {
        for name in names(node) {
            if let Some(message) = wrong(name) {
                set.error(node, name, message);
            }
        }
    }
    check_labels(set);
}

/// The node's own name, and those of its elements.
fn names(node: &Node) -> Vec<&str> {
    let mut names = vec![node.name.as_str()];
    if let Detail::SemanticModel(model) = &node.detail {
        let elements = [&model.entities, &model.dimensions, &model.measures];
        names.extend(
            elements
                .into_iter()
                .flatten()
                .map(|element| text(element, "name")),
        );
    }
    names
}

fn wrong(name: &str) -> Option<String> {
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_right = begins
        && name.len() >= 2
        && name.chars().all(is_plain)
        && !name.ends_with('_')
        && !name.contains("__");
    if !is_right {
        return Some(format!(
            "Invalid name `{name}` - names may only contain lower case letters, numbers, and \
             underscores. Additionally, names must start with a lower case letter, cannot end with \
             an underscore, cannot contain dunders (double underscores, or __), and must be at \
             least 2 characters long."
        ));
    }
    if GRAINS.contains(&name) {
        let grains: Vec<String> = GRAINS
            .iter()
            .map(|grain| format!("'{}'", grain.to_uppercase()))
            .collect();
        return Some(format!(
            "Invalid name `{name}` - names cannot match reserved time granularity keywords ([{}])",
            grains.join(", ")
        ));
    }
    (name == "metric_time").then(|| {
        format!(
            "Invalid name `{name}` - this name is reserved by MetricFlow. Reason: Used as the query \
             input for creating time series metrics from measures with different time dimension names."
        )
    })
}

fn check_labels(set: &Set<'_>) {
    let mut seen: FxHashMap<&str, &str> = FxHashMap::default();
    for (node, metric) in semantic::metrics(set.nodes) {
        match seen.get(metric.label.as_str()) {
            Some(first) => set.error(
                node,
                "",
                format!(
                    "Can't use label `{}` for  metric `{}` as it's already used for metric `{first}`",
                    metric.label, node.name
                ),
            ),
            None => {
                seen.insert(&metric.label, &node.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_can_be_asked_for() {
        let rows = [
            ("revenue", true),
            ("q1_revenue", true),
            ("r", false),
            ("Revenue", false),
            ("1st", false),
            ("net__revenue", false),
            ("revenue_", false),
            ("month", false),
            ("metric_time", false),
        ];
        for (name, is_right) in rows {
            assert_eq!(wrong(name).is_none(), is_right, "{name}");
        }
    }
}
