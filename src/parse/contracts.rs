//! What an enforced contract cannot do without, as far as the project alone tells it.
//! Not here: columns and types of the query against those declared (`templates`, when it is built).

use crate::base::Diagnostic;
use crate::base::Place;
use crate::node::Constraint;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::parse::properties::Patch;

const KINDS: [&str; 6] = [
    "check",
    "not_null",
    "unique",
    "primary_key",
    "foreign_key",
    "custom",
];

/// Ways of an incremental model that keep to its contract.
const KEEPING: [&str; 2] = ["append_new_columns", "fail"];

/// Everything that is wrong with a model's contract; nothing for other nodes.
pub(super) fn check(node: &Node, patch: Option<&Patch>) -> Vec<Diagnostic> {
    let is_bound = node.resource == Resource::Model && node.config.contract_enforced();
    if !is_bound || !node.is_enabled() {
        return Vec::new();
    }
    let place = match patch {
        Some(patch) => patch.place.clone(),
        None => Place::whole(&node.file),
    };
    let mut found: Vec<Diagnostic> = unenforceable(node).into_iter().collect();
    found.extend(wrong_kinds(node));
    found.extend(loose_schema(node));
    found.extend(ignored(node));
    found
        .into_iter()
        .map(|found| found.at(place.clone()))
        .collect()
}

/// A contract without columns, or over code whose columns nobody knows before it ran.
fn unenforceable(node: &Node) -> Option<Diagnostic> {
    let head = format!(
        "Contract enforcement failed for: ({})",
        node.original_file_path
    );
    let (reason, hint) = if node.columns.is_empty() {
        (
            "Constraints must be defined in a `yml` schema configuration file like `schema.yml`."
                .to_string(),
            "list every column with its `data_type` below `columns:`",
        )
    } else if node.language != "sql" {
        (
            format!(
                "Language Error: Expected 'sql' but found '{}'",
                node.language
            ),
            "turn the contract off, or write the model in SQL",
        )
    } else {
        return None;
    };
    let found = Diagnostic::error("contract-shape", format!("{head}\n{reason}"));
    Some(found.hint(hint).headline("Parsing Error"))
}

fn wrong_kinds(node: &Node) -> Vec<Diagnostic> {
    let is_wrong = |constraint: &&Constraint| !KINDS.contains(&constraint.kind.as_str());
    let told = |owner: String, constraint: &Constraint| {
        let message = format!("Invalid constraint type on {owner}");
        Diagnostic::error("constraint-type", message)
            .note(format!("found `{}`", constraint.kind))
            .hint(format!("a type is one of {}", KINDS.join(", ")))
            .headline("Parsing Error")
    };
    let of_columns = node.columns.values().flat_map(|column| {
        let wrong = column.constraints.iter().filter(is_wrong);
        wrong.map(|constraint| told(format!("column {}", column.name), constraint))
    });
    let of_model = of_model(node).iter().filter(is_wrong);
    of_columns
        .chain(of_model.map(|constraint| told(format!("model {}", node.name), constraint)))
        .collect()
}

/// An incremental model that lets columns drift would break its own contract.
fn loose_schema(node: &Node) -> Option<Diagnostic> {
    let way = node.config.text("on_schema_change").unwrap_or("ignore");
    if node.materialized() != "incremental" || KEEPING.contains(&way) {
        return None;
    }
    let message = format!(
        "Invalid value for on_schema_change: {way}. Models materialized as incremental with contracts \
         enabled must set on_schema_change to 'append_new_columns' or 'fail'"
    );
    let found = Diagnostic::error("contract-schema-change", message);
    Some(found.hint("add `on_schema_change: fail` to its config"))
}

/// Views have no constraints.
fn ignored(node: &Node) -> Option<Diagnostic> {
    let is_told = |constraint: &&Constraint| constraint.warn_unsupported;
    let mut constraints = node.columns.values().flat_map(|c| &c.constraints);
    let any = constraints.any(|c| is_told(&c)) || of_model(node).iter().any(|c| is_told(&c));
    let kind = node.materialized();
    if !any || matches!(kind, "table" | "incremental" | "snapshot") {
        return None;
    }
    let message = format!(
        "Constraint types are not supported for {kind} materializations and will be ignored.  Set \
         'warn_unsupported: false' on this constraint to ignore this warning."
    );
    let found = Diagnostic::warning("constraint-ignored", message);
    Some(found.event("UnsupportedConstraintMaterialization"))
}

fn of_model(node: &Node) -> &[Constraint] {
    match &node.detail {
        Detail::Model(model) => &model.constraints,
        _ => &[],
    }
}
