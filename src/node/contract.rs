//! What `contract` of a node says. Its sum tells one enforced contract from another, as dbt reckons
//! it: over the columns by name, and over the constraints of the model where the warehouse keeps them.

use crate::node::Column;
use crate::node::Constraint;
use crate::node::Detail;
use crate::node::Model;
use crate::node::Node;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use std::fmt::Write;

pub(super) fn dictionary(node: &Node) -> Value {
    let contract = node.config.get("contract").cloned().unwrap_or(Value::Null);
    let field = |key: &str, absent: Value| contract.get(key).cloned().unwrap_or(absent);
    let checksum = match &node.detail {
        Detail::Model(model) if node.config.contract_enforced() => Some(checksum(node, model)),
        _ => None,
    };
    json!({
        "enforced": field("enforced", json!(false)),
        "alias_types": field("alias_types", json!(true)),
        "checksum": checksum,
    })
}

fn checksum(node: &Node, model: &Model) -> String {
    let mut columns: Vec<&Column> = node.columns.values().collect();
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    let mut state: String = columns.into_iter().map(column).collect();
    let materialized = node.config.materialized();
    if matches!(materialized, "table" | "incremental") {
        state.push_str(materialized);
        state.push_str(&constraints(&model.constraints, OfModel::Yes));
    }
    let digest = Sha256::digest(state.as_bytes());
    digest.iter().fold(String::new(), |mut sum, byte| {
        _ = write!(sum, "{byte:02x}");
        sum
    })
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum OfModel {
    Yes,
    No,
}

fn column(column: &Column) -> String {
    let data_type = column.data_type.as_deref().unwrap_or("None");
    let constraints = constraints(&column.constraints, OfModel::No);
    format!("|{}{data_type}{constraints}", column.name)
}

fn constraints(list: &[Constraint], of_model: OfModel) -> String {
    let all: Vec<String> = list.iter().map(|one| constraint(one, of_model)).collect();
    format!("[{}]", all.join(", "))
}

/// The constraint as Python prints dbt's record of it.
fn constraint(constraint: &Constraint, of_model: OfModel) -> String {
    let kind = &constraint.kind;
    let fields = format!(
        "type=<ConstraintType.{kind}: '{kind}'>, name={}, expression={}, warn_unenforced={}, \
         warn_unsupported={}, to={}, to_columns={}",
        text(constraint.name.as_deref()),
        text(constraint.expression.as_deref()),
        truth(constraint.warn_unenforced),
        truth(constraint.warn_unsupported),
        text(constraint.to.as_deref()),
        texts(&constraint.to_columns),
    );
    match of_model {
        OfModel::Yes => {
            let columns = texts(&constraint.columns);
            format!("ModelLevelConstraint({fields}, columns={columns})")
        }
        OfModel::No => format!("ColumnLevelConstraint({fields})"),
    }
}

fn texts(list: &[String]) -> String {
    let all: Vec<String> = list.iter().map(|one| text(Some(one))).collect();
    format!("[{}]", all.join(", "))
}

/// A text in Python's quotes; `None` where there is none.
fn text(text: Option<&str>) -> String {
    let Some(text) = text else {
        return "None".to_string();
    };
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    let mut quoted = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c == quote => quoted.extend(['\\', c]),
            c => quoted.push(c),
        }
    }
    quoted.push(quote);
    quoted
}

fn truth(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}
