//! Who may refer to whom: private models are for their group, protected ones for their package
//! where it restricts access.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::graph::Graph;
use crate::graph::cycle;
use crate::node::Detail;
use crate::node::Node;
use rustc_hash::FxHashSet;

/// Reports each reference that the access of a model does not allow.
pub(super) fn check(graph: &Graph, restricted: &FxHashSet<String>, bag: &Bag) {
    for index in graph.indices() {
        let node = graph.node(index);
        for parent in graph.parents(index) {
            let model = graph.node(*parent);
            let is_stranger = model.package != node.package && restricted.contains(&model.package);
            if let Some(owner) = refusal(node, model, is_stranger) {
                bag.add(refused(node, model, &owner));
            }
        }
    }
}

/// Whom the model is for instead.
fn refusal(node: &Node, model: &Node, is_stranger: bool) -> Option<String> {
    let Detail::Model(detail) = &model.detail else {
        return None;
    };
    match detail.access.as_str() {
        "private" if is_stranger || node.group() != model.group() => {
            let group = model.group().unwrap_or("None");
            Some(format!("private to the '{group}' group"))
        }
        "protected" if is_stranger => Some(format!("protected to the '{}' package", model.package)),
        _ => None,
    }
}

fn refused(node: &Node, model: &Node, owner: &str) -> Diagnostic {
    let message = format!(
        "Node {} attempted to reference node {}, which is not allowed because the referenced node is \
         {owner}.",
        node.unique_id, model.unique_id
    );
    let hint = match (owner.starts_with("private"), model.group()) {
        (true, Some(group)) => format!(
            "put `{}` into the group `{group}`, or make `{}` `protected`",
            node.name, model.name
        ),
        _ => format!("give `{}` the access `public`", model.name),
    };
    Diagnostic::error("refused-reference", message)
        .at(cycle::ref_place(node, model))
        .headline("Parsing Error")
        .hint(hint)
}
