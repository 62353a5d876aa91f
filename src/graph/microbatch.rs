//! What a model that is built in batches cannot do without.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::window;
use crate::config::BatchSize;
use crate::graph::Graph;
use crate::graph::Index;
use crate::jinja::python::type_name;
use crate::jinja::values;
use crate::node::Node;
use serde_json::Value;

/// Checks the settings of all models that are built in batches, and whether batches filter anything.
pub fn check(graph: &Graph, bag: &Bag) {
    for index in graph.indices() {
        let node = graph.node(index);
        if !is_microbatch(node) {
            continue;
        }
        match wrong_setting(node) {
            Some((message, hint)) => bag.add(
                Diagnostic::error("microbatch-settings", message)
                    .at(place(node))
                    .hint(hint)
                    .headline("Parsing Error"),
            ),
            None => check_inputs(graph, index, bag),
        }
    }
}

/// Warns of a strategy of the project's own that is used without batches.
pub fn warn_of_own_strategy(graph: &Graph, bag: &Bag) {
    for node in graph.nodes().filter(|node| is_microbatch(node)) {
        let flag = "require_batched_execution_for_custom_microbatch_strategy";
        let message = format!(
            "The use of a custom microbatch macro outside of batched execution is deprecated. To use it \
             with batched execution, set `flags.{flag}` to `True` in `dbt_project.yml`. In the future this \
             will be the default behavior."
        );
        bag.add(
            Diagnostic::warning("own-microbatch-strategy", message)
                .at(place(node))
                .event("MicrobatchMacroOutsideOfBatchesDeprecation"),
        );
    }
}

fn is_microbatch(node: &Node) -> bool {
    let strategy = node.config.text("incremental_strategy");
    node.materialized() == "incremental" && strategy == Some("microbatch")
}

/// What is wrong with a model's own settings, and what to do about it.
fn wrong_setting(node: &Node) -> Option<(String, &'static str)> {
    let setting = |key: &str| node.config.get(key).filter(|value| !value.is_null());
    let model = format!("Microbatch model '{}'", node.name);
    wrong_event_time(&model, setting("event_time"))
        .or_else(|| wrong_begin(&model, setting("begin")))
        .or_else(|| wrong_size(&model, setting("batch_size")))
        .or_else(|| {
            let value = setting("lookback").filter(|value| !value.is_i64())?;
            let kind = class(value);
            let message =
                format!("{model} must provide the optional 'lookback' config as type int, but got: {kind}).");
            Some((message, "write the number of batches to build again"))
        })
        .or_else(|| {
            let value = setting("concurrent_batches").filter(|value| !value.is_boolean())?;
            let kind = class(value);
            let message = format!(
                "{model} optional 'concurrent_batches' config must be of type `bool` if specified, but got: {kind})."
            );
            Some((message, "write `true` or `false`"))
        })
}

fn wrong_event_time(model: &str, value: Option<&Value>) -> Option<(String, &'static str)> {
    let message = match value {
        Some(Value::String(_)) => return None,
        Some(other) => format!(
            "{model} must provide an 'event_time' config of type string, but got: {}.",
            class(other)
        ),
        None => format!(
            "{model} must provide an 'event_time' (string) config that indicates the name of the event time \
             column."
        ),
    };
    Some((message, "name the column that tells when a row happened"))
}

fn wrong_begin(model: &str, value: Option<&Value>) -> Option<(String, &'static str)> {
    let message = match value {
        Some(Value::String(text)) if window::moment(text).is_some() => return None,
        Some(Value::String(text)) => format!(
            "{model} must provide a 'begin' config of valid datetime (ISO format), but got: {text}."
        ),
        Some(other) => format!(
            "{model} must provide a 'begin' config of type datetime, but got: {}.",
            class(other)
        ),
        None => format!(
            "{model} must provide a 'begin' (datetime) config that indicates the earliest timestamp the \
             microbatch model should be built from."
        ),
    };
    Some((message, "write a day such as `begin: '2024-01-01'`"))
}

fn wrong_size(model: &str, value: Option<&Value>) -> Option<(String, &'static str)> {
    let name = value.and_then(Value::as_str);
    if name.and_then(BatchSize::named).is_some() {
        return None;
    }
    let known = BatchSize::ALL.map(|size| format!("'{}'", size.as_str()));
    let found = match value {
        None => "None".to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let message = format!(
        "{model} must provide a 'batch_size' config that is one of [{}], but got: {found}.",
        known.join(", ")
    );
    Some((message, "say how much time one batch holds"))
}

/// A batch reads a part of what has a time; where nothing has, each batch reads everything.
fn check_inputs(graph: &Graph, index: Index, bag: &Bag) {
    let node = graph.node(index);
    let inputs = || {
        graph
            .parents(index)
            .iter()
            .map(|parent| graph.node(*parent))
    };
    let event_time = |input: &Node| {
        let value = input.config.get("event_time").cloned();
        value.filter(|value| !value.is_null())
    };
    for input in inputs() {
        if let Some(value) = event_time(input).filter(|value| !value.is_string()) {
            let message = format!(
                "Microbatch model '{}' depends on an input node '{}' with an 'event_time' config of invalid \
                 (non-string) type: {}.",
                node.name,
                input.name,
                class(&value)
            );
            let found = Diagnostic::error("microbatch-settings", message).at(place(input));
            bag.add(found.headline("Parsing Error"));
        }
    }
    if inputs().all(|input| event_time(input).is_none()) {
        let message = format!(
            "The microbatch model '{}' has no 'ref' or 'source' input with an 'event_time' configuration. \nThis \
             means no filtering can be applied and can result in unexpected duplicate records in the resulting \
             microbatch model.",
            node.name
        );
        bag.add(
            Diagnostic::warning("microbatch-reads-all", message)
                .at(place(node))
                .hint("give what it reads an `event_time`")
                .event("MicrobatchModelNoEventTimeInputs"),
        );
    }
}

fn place(node: &Node) -> Place {
    Place::line(&node.file, node.first_line)
}

/// `<class 'int'>`
fn class(value: &Value) -> String {
    format!("<class '{}'>", type_name(&values::from_json(value)))
}
