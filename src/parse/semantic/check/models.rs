//! Semantic models: one primary entity, one use for each name, and times that are there.

use crate::node::Node;
use crate::node::SemanticModel;
use crate::parse::semantic;
use crate::parse::semantic::check::Set;
use crate::parse::semantic::text;
use serde_json::Value;

pub(super) fn check(set: &Set<'_>) {
    for (node, model) in semantic::semantic_models(set.nodes) {
        check_primary_entity(set, node, model);
        check_element_kinds(set, node, model);
        check_validity(set, node, model);
    }
}

fn check_primary_entity(set: &Set<'_>, node: &Node, model: &SemanticModel) {
    let name = &node.name;
    let primary: Vec<&str> = of_type(&model.entities, &["primary"]);
    match (primary.as_slice(), &model.primary_entity) {
        ([], None) if !model.dimensions.is_empty() => set.error(
            node,
            "",
            format!(
                "The semantic model {name} contains dimensions, but it does not define a primary \
                 entity. Either add an entity with type PRIMARY or set a value for the \
                 primary_entity key."
            ),
        ),
        ([first, _, ..], _) => set.error(
            node,
            first,
            format!(
                "Semantic models can have only one primary entity. The semantic model `{name}` has \
                 {}: {}",
                primary.len(),
                primary.join(", ")
            ),
        ),
        ([entity], Some(written)) => set.error(
            node,
            entity,
            format!(
                "The semantic model `{name}` has an entity named `{entity}` with type primary but it \
                 also has the `primary_entity` field set to `{written}`. Both should not be present \
                 in the model."
            ),
        ),
        _ => {}
    }
}

fn of_type<'e>(elements: &'e [Value], types: &[&str]) -> Vec<&'e str> {
    let fitting = elements
        .iter()
        .filter(|element| types.contains(&text(element, "type")));
    fitting.map(|element| text(element, "name")).collect()
}

/// A name stands for one element, whatever its kind.
fn check_element_kinds(set: &Set<'_>, node: &Node, model: &SemanticModel) {
    let kinds = [
        ("dimension", &model.dimensions),
        ("entity", &model.entities),
        ("measure", &model.measures),
    ];
    let uses = |name: &str| -> Vec<&str> {
        let has = |elements: &[Value]| elements.iter().any(|e| text(e, "name") == name);
        let kinds = kinds.iter().filter(|(_, elements)| has(elements));
        kinds.map(|(kind, _)| *kind).collect()
    };
    for (kind, elements) in kinds {
        for name in elements.iter().map(|element| text(element, "name")) {
            let all = uses(name);
            if all.len() < 2 {
                continue;
            }
            let shown = |kind: &str| format!("SemanticModelElementType.{}", kind.to_uppercase());
            let listed: Vec<String> = all
                .iter()
                .map(|kind| format!("<{}: '{kind}'>", shown(kind)))
                .collect();
            let message = format!(
                "In semantic models {{'{}'}}, element `{name}` is of type {}, but it is used as \
                 types [{}] across the model.",
                node.name,
                shown(kind),
                listed.join(", ")
            );
            set.error(node, name, message);
        }
    }
}

/// Rows that are valid for a while cannot be counted, nor be found by a key of one row.
fn check_validity(set: &Set<'_>, node: &Node, model: &SemanticModel) {
    let has_validity = |dimension: &&Value| !dimension["type_params"]["validity_params"].is_null();
    let dimensions: Vec<&str> = model
        .dimensions
        .iter()
        .filter(has_validity)
        .map(|dimension| text(dimension, "name"))
        .collect();
    let name = &node.name;
    if dimensions.is_empty() {
        if let [first, ..] = of_type(&model.entities, &["natural"])[..] {
            let message = format!(
                "The use of `natural` entities is currently supported only in conjunction with a \
                 validity window defined in the set of time dimensions associated with the semantic \
                 model. Semantic model `{name}` uses a natural entity ({{'{first}'}}) but does not \
                 define a validity window!"
            );
            set.error(node, first, message);
        }
        return;
    }
    if !of_type(&model.entities, &["primary", "unique"]).is_empty() {
        let message = format!(
            "Semantic model {name} has validity param dimensions defined and also has one or more \
             entities designated as `primary` or `unique`. This is not yet supported, as we do not \
             currently process joins against these key types for semantic models with validity \
             windows specified."
        );
        set.error(node, dimensions[0], message);
    }
    if !model.measures.is_empty() {
        let quoted = |names: Vec<&str>| {
            let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
            quoted.join(", ")
        };
        let measures = model
            .measures
            .iter()
            .map(|measure| text(measure, "name"))
            .collect();
        let message = format!(
            "Semantic model {name} has both measures and validity param dimensions defined. This is \
             not currently supported! Please remove either the measures or the validity params. \
             Measure names: [{}]. Validity param dimension names: [{}].",
            quoted(measures),
            quoted(dimensions)
        );
        set.error(node, "", message);
    }
}
