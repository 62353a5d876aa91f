//! Time spines: models with one row for each moment, which metrics are joined to.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::config::yaml::Yaml;
use crate::node::Column;
use crate::node::Detail;
use crate::node::Node;
use crate::parse::semantic::metrics;
use crate::parse::semantic::semantic_models;
use crate::parse::shape;
use crate::parse::shape::Absent;
use crate::parse::shape::Field;
use crate::parse::shape::GRAINS;
use crate::parse::shape::Kind;
use crate::parse::shape::optional;
use crate::parse::shape::or;
use crate::parse::shape::required;
use indexmap::IndexMap;
use serde_json::Value;

const TIME_SPINE: &[Field] = &[
    required("standard_granularity_column", Kind::Text),
    or(
        "custom_granularities",
        Kind::List(&Kind::Record(&[
            required("name", Kind::Text),
            optional("column_name", Kind::Text),
        ])),
        Absent::EmptyList,
    ),
];

/// The model that older projects have in place of a `time_spine:`.
const UNCONFIGURED: &str = "metricflow_time_spine";

/// The `time_spine:` of a model; its columns have to be described, and to be as fine as it says.
pub(in crate::parse) fn read(
    model: &Yaml,
    columns: &IndexMap<String, Column>,
    bag: &Bag,
) -> Option<Value> {
    let yaml = model.get("time_spine").filter(|yaml| !yaml.is_null())?;
    if !yaml.is_map() {
        let what = format!(
            "at path ['time_spine']: '{}' is not valid under any of the given schemas",
            yaml.printed()
        );
        bag.add(shape::invalid("models", model, yaml, &what));
        return None;
    }
    let read = Value::Object(shape::read("models", TIME_SPINE, yaml, bag)?);
    let name = model
        .get("name")
        .map(|name| name.printed())
        .unwrap_or_default();
    match wrong(&read, &name, columns) {
        Some((message, hint)) => {
            let found = Diagnostic::error("time-spine", message).at(yaml.place());
            bag.add(found.headline("Parsing Error").maybe_hint(hint));
            None
        }
        None => Some(read),
    }
}

fn wrong(
    spine: &Value,
    model: &str,
    columns: &IndexMap<String, Column>,
) -> Option<(String, Option<String>)> {
    let known: Vec<String> = columns.keys().map(|name| format!("'{name}'")).collect();
    let known = known.join(", ");
    let standard = super::text(spine, "standard_granularity_column");
    let Some(column) = columns.get(standard) else {
        let message = format!(
            "Time spine standard granularity column must be defined on the model. Got invalid \
             column name '{standard}' for model '{model}'. Valid names: [{known}]."
        );
        let near = nearest(standard, columns.keys().map(String::as_str));
        return Some((message, near.map(|near| format!("did you mean `{near}`?"))));
    };
    let Some(grain) = &column.granularity else {
        let message = format!(
            "Time spine standard granularity column must have a granularity defined. Please add \
             one for column '{standard}' in model '{model}'."
        );
        return Some((
            message,
            Some(format!("such as `granularity: day` below `{standard}`")),
        ));
    };
    if !GRAINS.contains(&grain.to_lowercase().as_str()) {
        let message = format!("Invalid enum value: `{grain}` in enum TimeGranularity");
        return Some((message, Some(format!("it is one of {}", GRAINS.join(", ")))));
    }
    let custom = super::items(spine, "custom_granularities").iter();
    let missing: Vec<String> = custom
        .map(|grain| {
            grain["column_name"]
                .as_str()
                .unwrap_or(super::text(grain, "name"))
        })
        .filter(|name| !columns.contains_key(*name))
        .map(|name| format!("'{name}'"))
        .collect();
    (!missing.is_empty()).then(|| {
        let message = format!(
            "Time spine custom granularity columns do not exist in the model. Columns not found: \
             [{}]; Available columns: [{known}]",
            missing.join(", ")
        );
        (message, None)
    })
}

/// Metrics need a spine of days, or of something finer.
pub(super) fn check(semantic: &[Node], found: &[Node], bag: &Bag) {
    let asking = semantic_models(semantic).map(|(node, _)| node);
    let Some(first) = asking.chain(metrics(semantic).map(|(node, _)| node)).next() else {
        return;
    };
    let mut models = found.iter().filter(|node| node.is_enabled());
    if models.any(is_fine_enough) {
        return;
    }
    let old = found
        .iter()
        .find(|node| node.is_enabled() && node.name == UNCONFIGURED);
    bag.add(match old {
        Some(old) => unconfigured(old),
        None => missing(first),
    });
}

fn is_fine_enough(node: &Node) -> bool {
    let Detail::Model(model) = &node.detail else {
        return false;
    };
    let Some(spine) = &model.time_spine else {
        return false;
    };
    let column = node
        .columns
        .get(super::text(spine, "standard_granularity_column"));
    let grain = column.and_then(|column| column.granularity.as_deref());
    let day = GRAINS.iter().position(|grain| *grain == "day");
    grain.is_some_and(|grain| GRAINS.iter().position(|g| *g == grain.to_lowercase()) <= day)
}

fn missing(first: &Node) -> Diagnostic {
    let message = "The semantic layer requires a time spine model with granularity DAY or smaller \
                   in the project, but none was found. Guidance on creating this model can be found \
                   on our docs site (https://docs.getdbt.com/docs/build/metricflow-time-spine).";
    Diagnostic::error("no-time-spine", message)
        .at(Place::line(&first.file, first.first_line))
        .headline("Parsing Error")
        .hint("give a model with a row for each day a `time_spine:`")
}

fn unconfigured(old: &Node) -> Diagnostic {
    let message = "Time spines without YAML configuration are in the process of deprecation. Please \
                   add YAML configuration for your 'metricflow_time_spine' model. See documentation \
                   on MetricFlow time spines: \
                   https://docs.getdbt.com/docs/build/metricflow-time-spine and behavior change \
                   documentation: \
                   https://docs.getdbt.com/reference/global-configs/behavior-changes.";
    Diagnostic::warning("time-spine", message)
        .at(Place::line(&old.file, old.first_line))
        .event("MFTimespineWithoutYamlConfigurationDeprecation")
}
