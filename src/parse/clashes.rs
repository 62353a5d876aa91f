//! Two nodes that stand in the way of each other: one name, or one relation.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::node::Detail;
use crate::node::Node;

/// Two nodes that one name or id stands for.
pub(super) fn duplicate(first: &Node, second: &Node) -> Diagnostic {
    let kind = second.resource.as_str();
    let message = if second.resource.is_refable() {
        format!(
            "dbt found two {kind}s with the name \"{}\"; since these resources have the same name, ref(\"{}\") \
             cannot tell them apart: {} ({}) and {} ({})",
            second.name,
            second.name,
            first.unique_id,
            first.original_file_path,
            second.unique_id,
            second.original_file_path
        )
    } else if let Detail::Test(test) = &second.detail {
        let column = test.column_name.as_deref();
        let column =
            column.map_or_else(String::new, |name| format!(" defined on column \"{name}\""));
        let within = test.file_key_name.as_deref().unwrap_or(&second.package);
        format!(
            "dbt found two data_tests with the name \"{}\"{column} in \"{within}\"",
            second.name
        )
    } else {
        format!(
            "dbt found two {} with the name \"{}\": {} and {}",
            plural(kind),
            second.name,
            first.original_file_path,
            second.original_file_path
        )
    };
    Diagnostic::error("duplicate-name", message)
        .at(Place::line(&second.file, second.first_line))
        .related(
            Place::line(&first.file, first.first_line),
            "the other one is here",
        )
        .hint("rename one of them, or turn one off with `enabled: false`")
}

/// Two nodes that would overwrite each other in the warehouse.
pub(super) fn same_relation(first: &Node, second: &Node, relation: &str) -> Diagnostic {
    let message = format!(
        "dbt found two resources with the database representation {relation}: {} ({}) and {} ({})",
        first.unique_id, first.original_file_path, second.unique_id, second.original_file_path
    );
    Diagnostic::error("duplicate-relation", message)
        .at(Place::line(&second.file, second.first_line))
        .related(
            Place::line(&first.file, first.first_line),
            "the other one is here",
        )
        .hint("give one of them another `alias` or `schema`")
}

fn plural(kind: &str) -> String {
    match kind {
        "saved_query" => "saved_queries".to_string(),
        "analysis" => "analyses".to_string(),
        kind => format!("{kind}s"),
    }
}
