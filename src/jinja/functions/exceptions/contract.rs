//! The message of a broken contract: which columns differ from the declared ones, and how.

use super::attribute;
use crate::jinja::Args;
use crate::jinja::values::items;
use minijinja::Error;
use minijinja::value::Value;

const HEADER: [&str; 4] = [
    "column_name",
    "definition_type",
    "contract_type",
    "mismatch_reason",
];

pub(super) fn message(args: &mut Args) -> Result<String, Error> {
    let declared = columns(&args.required("yaml_columns")?)?;
    let found = columns(&args.required("sql_columns")?)?;
    if declared.is_empty() {
        return Ok(
            "This model has an enforced contract, and its 'columns' specification is missing"
                .to_string(),
        );
    }
    Ok(format!(
        "This model has an enforced contract that failed.\nPlease ensure the name, data_type, and \
         number of columns in your contract match the columns in your model's definition.\n\n{}",
        table(&mismatches(&declared, &found))
    ))
}

struct Column {
    name: String,
    data_type: String,
    formatted: String,
}

fn columns(value: &Value) -> Result<Vec<Column>, Error> {
    let column = |value: &Value| {
        Ok(Column {
            name: attribute(value, "name")?,
            data_type: attribute(value, "data_type")?,
            formatted: attribute(value, "formatted")?,
        })
    };
    items(value).iter().map(column).collect()
}

/// Rows of the table, sorted by column name.
fn mismatches(declared: &[Column], found: &[Column]) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    let row = |name: &str, found: &str, declared: &str, reason: &str| {
        [name, found, declared, reason].map(str::to_string)
    };
    for column in found {
        match declared.iter().find(|other| other.name == column.name) {
            None => rows.push(row(
                &column.name,
                &column.data_type,
                "",
                "missing in contract",
            )),
            Some(other) if other.formatted != column.formatted => rows.push(row(
                &column.name,
                &column.data_type,
                &other.data_type,
                "data type mismatch",
            )),
            Some(_) => {}
        }
    }
    for column in declared {
        if !found.iter().any(|other| other.name == column.name) {
            rows.push(row(
                &column.name,
                "",
                &column.data_type,
                "missing in definition",
            ));
        }
    }
    rows.sort();
    rows
}

fn table(rows: &[[String; 4]]) -> String {
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.chain([HEADER[at].len()]).max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    let line = |cells: [&str; 4]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let rules = widths.map(|width| "-".repeat(width));
    let mut text = line(HEADER) + &line([&rules[0], &rules[1], &rules[2], &rules[3]]);
    for [name, found, declared, reason] in rows {
        text.push_str(&line([name, found, declared, reason]));
    }
    text
}
