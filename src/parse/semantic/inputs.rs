//! What metrics are made of: the measures and metrics they name, and the measures at the bottom.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Ref;
use crate::node::UniqueId;
use crate::parse::semantic::items;
use crate::parse::semantic::text;
use serde_json::Value;

/// Finds what each enabled metric is made of, and lists the measures at the bottom of it.
pub(super) fn link(metrics: &mut [Node], models: &[Node], bag: &Bag) {
    let direct: Vec<Direct> = metrics
        .iter()
        .map(|node| match node.is_enabled() {
            true => direct(node, metrics, models, bag),
            false => Direct::default(),
        })
        .collect();
    let names: Vec<Ref> = metrics.iter().map(reference).collect();
    for (position, node) in metrics.iter_mut().enumerate() {
        let mut inputs = Vec::new();
        gather(&direct, position, &mut Vec::new(), &mut inputs);
        let mut needed: Vec<Ref> = Vec::new();
        for other in &direct[position].metrics {
            if !needed.contains(&names[*other]) {
                needed.push(names[*other].clone());
            }
        }
        node.metrics = needed;
        if let Detail::Metric(metric) = &mut node.detail {
            metric.semantic_models = direct[position].semantic_models.clone();
            metric.type_params["input_measures"] = Value::Array(inputs);
        }
    }
}

/// What a metric names itself.
#[derive(Default)]
struct Direct {
    measures: Vec<Value>,
    semantic_models: Vec<UniqueId>,
    /// Positions of other metrics.
    metrics: Vec<usize>,
}

fn reference(node: &Node) -> Ref {
    Ref {
        package: Some(node.package.clone()),
        name: node.name.clone(),
        version: None,
    }
}

/// Measures of a metric and of those it is made of, each once. Metrics that need each other are
/// reported as a cycle when names are linked.
fn gather(direct: &[Direct], at: usize, above: &mut Vec<usize>, inputs: &mut Vec<Value>) {
    if above.contains(&at) {
        return;
    }
    above.push(at);
    for measure in &direct[at].measures {
        if !inputs.contains(measure) {
            inputs.push(measure.clone());
        }
    }
    for other in &direct[at].metrics {
        gather(direct, *other, above, inputs);
    }
    above.pop();
}

fn direct(node: &Node, metrics: &[Node], models: &[Node], bag: &Bag) -> Direct {
    let Detail::Metric(metric) = &node.detail else {
        return Direct::default();
    };
    let params = &metric.type_params;
    let mut found = Direct::default();
    let given = |keys: &[&str]| -> Vec<Value> {
        let values = keys.iter().map(|key| params[*key].clone());
        values.filter(|value| !value.is_null()).collect()
    };
    let mut others = Vec::new();
    match metric.kind.as_str() {
        "simple" | "cumulative" => {
            found.measures = given(&["measure"]);
            if found.measures.is_empty() {
                let message = format!(
                    "metric `{}` should have a measure defined, but it does not.",
                    node.name
                );
                bag.add(wrong(
                    node,
                    message,
                    Some("write `type_params: {measure: ..}`".into()),
                ));
            }
        }
        "conversion" => {
            let conversion = &params["conversion_type_params"];
            if conversion.is_null() {
                let message = format!(
                    "{} is a conversion metric and must have conversion_type_params defined.",
                    node.name
                );
                bag.add(wrong(node, message, None));
            } else {
                let measures = ["base_measure", "conversion_measure"];
                found.measures = measures.map(|key| conversion[key].clone()).to_vec();
            }
        }
        "ratio" => {
            others = given(&["numerator", "denominator"]);
            if others.len() < 2 {
                let message =
                    "Invalid ratio metric. Both a numerator and denominator must be specified";
                bag.add(wrong(node, message.to_string(), None));
            }
        }
        _ => others = items(params, "metrics").to_vec(),
    }
    for measure in &found.measures {
        match semantic_model(node, text(measure, "name"), models) {
            Ok(id) if !found.semantic_models.contains(&id) => found.semantic_models.push(id),
            Ok(_) => {}
            Err(complaint) => bag.add(*complaint),
        }
    }
    for other in &others {
        match metric_named(node, text(other, "name"), metrics) {
            Ok(position) => found.metrics.push(position),
            Err(complaint) => bag.add(*complaint),
        }
    }
    found
}

/// The enabled semantic model that has a measure; one of the same package comes first.
fn semantic_model(
    node: &Node,
    measure: &str,
    models: &[Node],
) -> Result<UniqueId, Box<Diagnostic>> {
    let measures = |model: &Node| match &model.detail {
        Detail::SemanticModel(detail) => detail.measures.clone(),
        _ => Vec::new(),
    };
    let has = |model: &&Node| measures(model).iter().any(|m| text(m, "name") == measure);
    let mut holders: Vec<&Node> = models.iter().filter(has).collect();
    holders.sort_by_key(|model| (!model.is_enabled(), model.package != node.package));
    match holders.first() {
        Some(model) if model.is_enabled() => Ok(model.unique_id.clone()),
        Some(model) => {
            let message = format!(
                "The measure `{measure}` is referenced on disabled semantic model `{}`.",
                model.name
            );
            Err(Box::new(wrong(node, message, None)))
        }
        None => {
            let names: Vec<String> = models
                .iter()
                .flat_map(measures)
                .map(|m| text(&m, "name").to_string())
                .collect();
            let near = nearest(measure, names.iter().map(String::as_str));
            let message = format!(
                "A semantic model having a measure `{measure}` does not exist but was referenced."
            );
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            Err(Box::new(wrong(node, message, hint)))
        }
    }
}

fn metric_named(node: &Node, name: &str, metrics: &[Node]) -> Result<usize, Box<Diagnostic>> {
    let mut fitting: Vec<(usize, &Node)> = metrics
        .iter()
        .enumerate()
        .filter(|(_, other)| other.name == name)
        .collect();
    fitting.sort_by_key(|(_, other)| (!other.is_enabled(), other.package != node.package));
    match fitting.first() {
        Some((position, other)) if other.is_enabled() => Ok(*position),
        Some(_) => {
            let message = format!("The metric `{name}` is disabled and thus cannot be referenced.");
            Err(Box::new(wrong(node, message, None)))
        }
        None => {
            let near = nearest(name, metrics.iter().map(|other| other.name.as_str()));
            let message = format!(
                "The metric `{name}` does not exist but was referenced by metric `{}`.",
                node.name
            );
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            Err(Box::new(wrong(node, message, hint)))
        }
    }
}

fn wrong(node: &Node, message: String, hint: Option<String>) -> Diagnostic {
    Diagnostic::error("metric-parts", message)
        .at(Place::line(&node.file, node.first_line))
        .headline(format!(
            "Parsing Error in metric {} ({})",
            node.name, node.original_file_path
        ))
        .maybe_hint(hint)
}
