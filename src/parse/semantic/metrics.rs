//! Metrics as written, and those that measures ask for.

use crate::base::Diagnostic;
use crate::node::Detail;
use crate::node::Metric;
use crate::node::Node;
use crate::node::Resource;
use crate::parse::declared;
use crate::parse::declared::Written;
use crate::parse::properties::Entry;
use crate::parse::semantic::tables::METRIC;
use crate::parse::semantic::take_map;
use crate::parse::semantic::take_text;
use crate::parse::semantic::text;
use crate::parse::shape;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

pub(super) fn node(site: &Site<'_>, entry: &Entry) -> Option<Node> {
    let mut fields = shape::read("metrics", METRIC, &entry.yaml, site.bag)?;
    let written = Written {
        entry,
        resource: Resource::Metric,
        name: take_text(&fields, "name")?,
        description: take_text(&fields, "description").unwrap_or_default(),
        config: take_map(&mut fields, "config"),
    };
    if let Some(what) = bad_name(&written.name) {
        let at = entry.yaml.get("name").unwrap_or(&entry.yaml);
        let what = format!(
            "at path []: The metric name '{}' is invalid.  {what}",
            written.name
        );
        site.bag
            .add(shape::invalid("metrics", &entry.yaml, at, &what));
        return None;
    }
    let kind = take_text(&fields, "type")?;
    let mut type_params = take_map(&mut fields, "type_params");
    if is_old_cumulative(&kind, &type_params) {
        site.bag.add(old_cumulative(entry));
    }
    settle(&kind, &mut type_params);
    let detail = Metric {
        label: take_text(&fields, "label")?,
        type_params: Value::Object(type_params),
        filter: fields.remove("filter").unwrap_or_default(),
        time_granularity: take_text(&fields, "time_granularity"),
        semantic_models: Vec::new(),
        kind,
    };
    let mut meta = take_map(&mut fields, "meta");
    let mut node = declared::node(site, written, Detail::Metric(Box::new(detail)));
    meta.extend(node.config.meta());
    node.config.put("meta", Value::Object(meta.clone()));
    node.meta = meta.into();
    node.tags = declared::texts(&fields["tags"]);
    Some(node)
}

fn bad_name(name: &str) -> Option<&'static str> {
    if name.contains(' ') {
        Some("It cannot contain spaces, must contain only letters, numbers and underscores")
    } else if name.chars().count() > 250 {
        Some("It cannot contain more than 250 characters")
    } else if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Some("It must begin with a letter")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        Some("It must contain only letters, numbers and underscores")
    } else {
        None
    }
}

/// The fields that only a read metric has; a cumulative one keeps its window in one place.
fn settle(kind: &str, type_params: &mut Map<String, Value>) {
    if kind == "cumulative" {
        let mut cumulative = take_map(type_params, "cumulative_type_params");
        for key in ["window", "grain_to_date"] {
            let own = cumulative.remove(key).filter(|value| !value.is_null());
            let old = type_params.get(key).cloned().unwrap_or_default();
            cumulative.insert(key.to_string(), own.unwrap_or(old));
        }
        cumulative.entry("period_agg").or_insert(json!("first"));
        type_params.insert(
            "cumulative_type_params".to_string(),
            Value::Object(cumulative),
        );
    }
    let cumulative = type_params.get_mut("cumulative_type_params");
    if let Some(Value::Object(cumulative)) = cumulative {
        cumulative.insert("metric".to_string(), Value::Null);
    }
    type_params.insert("input_measures".to_string(), json!([]));
    type_params.insert("metric_aggregation_params".to_string(), Value::Null);
}

fn is_old_cumulative(kind: &str, type_params: &Map<String, Value>) -> bool {
    let is_set = |key: &str| type_params.get(key).is_some_and(|value| !value.is_null());
    kind == "cumulative" && (is_set("window") || is_set("grain_to_date"))
}

fn old_cumulative(entry: &Entry) -> Diagnostic {
    let message = "Cumulative fields `type_params.window` and `type_params.grain_to_date` have been \
                   moved and will soon be deprecated. Please nest those values under \
                   `type_params.cumulative_type_params.window` and \
                   `type_params.cumulative_type_params.grain_to_date`. See documentation on behavior \
                   changes: https://docs.getdbt.com/reference/global-configs/behavior-changes.";
    let at = entry.yaml.get("type_params").unwrap_or(&entry.yaml);
    Diagnostic::warning("old-cumulative-metric", message)
        .at(at.place())
        .event("MFCumulativeTypeParamsDeprecation")
}

/// The metrics that the measures of a semantic model ask for with `create_metric: true`.
pub(super) fn of_measures(site: &Site<'_>, entry: &Entry, model: &mut Node) -> Vec<Node> {
    let is_enabled = model.is_enabled();
    let Detail::SemanticModel(detail) = &mut model.detail else {
        return Vec::new();
    };
    let asking = detail
        .measures
        .iter_mut()
        .filter(|m| m["create_metric"] == json!(true));
    let mut made = Vec::new();
    for measure in asking.filter(|_| is_enabled) {
        // It is done: whoever reads the manifest need not do it again.
        measure["create_metric"] = json!(false);
        made.push(of_measure(site, entry, measure));
    }
    made
}

fn of_measure(site: &Site<'_>, entry: &Entry, measure: &Value) -> Node {
    let name = text(measure, "name").to_string();
    let or = |key: &str, usual: &str| measure[key].as_str().unwrap_or(usual).to_string();
    let mut config = measure["config"].as_object().cloned().unwrap_or_default();
    config.insert("enabled".to_string(), json!(true));
    let mut type_params = Map::new();
    for key in [
        "numerator",
        "denominator",
        "window",
        "grain_to_date",
        "conversion_type_params",
        "cumulative_type_params",
    ] {
        type_params.insert(key.to_string(), Value::Null);
    }
    let input = json!({
        "name": name,
        "filter": null,
        "alias": null,
        "join_to_timespine": false,
        "fill_nulls_with": null,
    });
    type_params.insert("measure".to_string(), input);
    type_params.insert("expr".to_string(), json!(or("expr", &name)));
    type_params.insert("metrics".to_string(), json!([]));
    settle("simple", &mut type_params);
    let detail = Metric {
        label: or("label", &name),
        kind: "simple".to_string(),
        type_params: Value::Object(type_params),
        ..Metric::default()
    };
    let written = Written {
        entry,
        resource: Resource::Metric,
        description: or(
            "description",
            &format!("Metric created from measure {name}"),
        ),
        config,
        name,
    };
    declared::node(site, written, Detail::Metric(Box::new(detail)))
}
