//! What the contract of a model promises to its readers, and what a later one takes back.

use crate::state::pair::find;
use serde_json::Map;
use serde_json::Value;

/// A contract as a manifest holds it.
#[derive(Debug)]
pub(super) struct Promise<'a> {
    pub(super) is_enforced: bool,
    /// Over all that the contract says; `None` in manifests that do not have it.
    checksum: Option<&'a str>,
    materialized: &'a str,
    /// By name.
    columns: Vec<Column<'a>>,
    constraints: Vec<Constraint<'a>>,
}

#[derive(Debug, PartialEq)]
struct Column<'a> {
    name: &'a str,
    data_type: &'a str,
    constraints: Vec<Constraint<'a>>,
}

#[derive(Debug, PartialEq)]
struct Constraint<'a> {
    kind: &'a str,
    columns: Vec<&'a str>,
    expression: Option<&'a str>,
}

impl PartialEq for Promise<'_> {
    /// The order of columns is no part of it.
    fn eq(&self, other: &Self) -> bool {
        if let (Some(a), Some(b)) = (self.checksum, other.checksum) {
            return a == b;
        }
        self.is_enforced == other.is_enforced
            && self.columns == other.columns
            && self.constraints == other.constraints
    }
}

impl<'a> Promise<'a> {
    pub(super) fn of(node: &'a Map<String, Value>) -> Self {
        let columns = node.get("columns").and_then(Value::as_object);
        let mut columns: Vec<Column<'a>> =
            columns.into_iter().flatten().map(Column::read).collect();
        columns.sort_by_key(|column| column.name);
        let materialized = find(node, "config.materialized").and_then(Value::as_str);
        Promise {
            is_enforced: find(node, "contract.enforced") == Some(&Value::Bool(true)),
            checksum: find(node, "contract.checksum").and_then(Value::as_str),
            materialized: materialized.unwrap_or_default(),
            columns,
            constraints: node.get("constraints").map(constraints).unwrap_or_default(),
        }
    }

    /// What this promise held and the later one does not, in dbt's words; details are indented.
    pub(super) fn broken_by(&self, now: &Promise<'_>) -> Vec<String> {
        let groups = [
            ("Columns were removed: ", self.removed_columns(now)),
            (
                "Columns with data_type changes: ",
                self.retyped_columns(now),
            ),
            (
                "Enforced column level constraints were removed: ",
                self.lost_of_columns(now),
            ),
            (
                "Enforced model level constraints were removed: ",
                self.lost_of_model(now),
            ),
            (
                "Materialization changed with enforced constraints: ",
                self.rebuilt_otherwise(now),
            ),
        ];
        let given_up = "Contract enforcement was removed: Previously, this model had an enforced \
                        contract. It is no longer configured to enforce its contract, and this is \
                        a breaking change.";
        let given_up = (!now.is_enforced).then(|| given_up.to_string());
        let groups = groups
            .into_iter()
            .filter(|(_, details)| !details.is_empty());
        let told =
            groups.map(|(title, details)| format!("{title}\n  - {}", details.join("\n  - ")));
        given_up.into_iter().chain(told).collect()
    }

    fn removed_columns(&self, now: &Promise<'_>) -> Vec<String> {
        let gone = self.columns.iter().filter(|c| now.column(c.name).is_none());
        gone.map(|column| column.name.to_string()).collect()
    }

    fn retyped_columns(&self, now: &Promise<'_>) -> Vec<String> {
        let pairs = self.columns.iter();
        let pairs = pairs.filter_map(|column| Some((column, now.column(column.name)?)));
        pairs
            .filter(|(then, now)| !then.data_type.eq_ignore_ascii_case(now.data_type))
            .map(|(then, now)| format!("{} ({} -> {})", then.name, then.data_type, now.data_type))
            .collect()
    }

    fn lost_of_columns(&self, now: &Promise<'_>) -> Vec<String> {
        if !self.holds_constraints() || !now.holds_constraints() {
            return Vec::new();
        }
        let pairs = self.columns.iter();
        let pairs = pairs.filter_map(|column| Some((column, now.column(column.name)?)));
        let lost = pairs.flat_map(|(then, now)| {
            let kept = |constraint: &&Constraint<'_>| !now.constraints.contains(constraint);
            then.constraints
                .iter()
                .filter(kept)
                .map(|constraint| (then.name, constraint.kind))
        });
        lost.map(|(column, kind)| format!("'ConstraintType.{kind}' constraint on column {column}"))
            .collect()
    }

    fn lost_of_model(&self, now: &Promise<'_>) -> Vec<String> {
        if !self.holds_constraints() || !now.holds_constraints() {
            return Vec::new();
        }
        let lost = self
            .constraints
            .iter()
            .filter(|c| !now.constraints.contains(c));
        lost.map(|constraint| {
            let columns: Vec<String> = constraint
                .columns
                .iter()
                .map(|c| format!("'{c}'"))
                .collect();
            let (kind, columns) = (constraint.kind, columns.join(", "));
            format!("'ConstraintType.{kind}' constraint on columns [{columns}]")
        })
        .collect()
    }

    /// A table that becomes a view loses what its constraints have kept.
    fn rebuilt_otherwise(&self, now: &Promise<'_>) -> Vec<String> {
        let had_constraints = !self.constraints.is_empty()
            || self
                .columns
                .iter()
                .any(|column| !column.constraints.is_empty());
        match had_constraints && self.holds_constraints() && !now.holds_constraints() {
            true => vec![format!("{} -> {}", self.materialized, now.materialized)],
            false => Vec::new(),
        }
    }

    /// Whether the warehouse keeps the constraints of a model that is built this way.
    fn holds_constraints(&self) -> bool {
        matches!(self.materialized, "table" | "incremental")
    }

    fn column(&self, name: &str) -> Option<&Column<'a>> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl<'a> Column<'a> {
    fn read((name, column): (&'a String, &'a Value)) -> Self {
        Column {
            name,
            data_type: column["data_type"].as_str().unwrap_or_default(),
            constraints: constraints(&column["constraints"]),
        }
    }
}

fn constraints(list: &Value) -> Vec<Constraint<'_>> {
    let list = list.as_array().into_iter().flatten();
    list.map(|constraint| {
        let columns = constraint["columns"].as_array().into_iter().flatten();
        Constraint {
            kind: constraint["type"].as_str().unwrap_or_default(),
            columns: columns.filter_map(Value::as_str).collect(),
            expression: constraint["expression"].as_str(),
        }
    })
    .collect()
}
