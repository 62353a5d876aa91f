//! Values in the places of `%s`, written into the text as dbt's Python driver writes them.

use super::copy;
use super::errors;
use crate::adapter::AdapterError;
use crate::adapter::Cell;
use crate::adapter::ErrorKind;
use crate::adapter::Result;
use crate::sql::quote;
use std::borrow::Cow;

/// The text with its values; without values it stays as it is, percent signs included.
pub(super) fn filled<'a>(sql: &'a str, bindings: &[Cell]) -> Result<Cow<'a, str>> {
    if bindings.is_empty() {
        return Ok(Cow::Borrowed(sql));
    }
    let mut out = String::with_capacity(sql.len());
    let mut values = bindings.iter();
    let mut parts = sql.split('%');
    out.push_str(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        match part.strip_prefix('s') {
            Some(rest) => {
                let value = values.next().ok_or_else(|| wrong_number(bindings.len()))?;
                out.push_str(&literal(value));
                out.push_str(rest);
            }
            // `%%` stands for one percent sign.
            None if part.is_empty() => {
                out.push('%');
                out.push_str(parts.next().unwrap_or_default());
            }
            None => {
                let message = format!("unsupported placeholder `%{}`", &first(part));
                return Err(errors::new(ErrorKind::Syntax, message));
            }
        }
    }
    match values.next() {
        None => Ok(Cow::Owned(out)),
        Some(_) => Err(wrong_number(bindings.len())),
    }
}

fn first(text: &str) -> String {
    text.chars().take(1).collect()
}

fn wrong_number(given: usize) -> AdapterError {
    let message = format!("the text does not have a `%s` for each of its {given} values");
    errors::new(ErrorKind::Syntax, message)
}

fn literal(cell: &Cell) -> String {
    match cell {
        Cell::Null => "NULL".to_string(),
        Cell::Bool(value) => value.to_string(),
        // A sign must not run into what stands before it.
        Cell::Int(value) if *value < 0 => format!(" {value}"),
        Cell::Int(value) => value.to_string(),
        Cell::Decimal(value) => format!(" {value}"),
        Cell::Float(value) if value.is_finite() => format!(" {value:e}"),
        Cell::List(items) if !items.is_empty() => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("ARRAY[{}]", items.join(", "))
        }
        Cell::List(_) => "'{}'".to_string(),
        other => escaped(&copy::text(other)),
    }
}

/// A text literal that means the same whatever the server thinks of backslashes.
fn escaped(text: &str) -> String {
    match text.contains('\\') {
        true => format!(" E{}", quote::text(&text.replace('\\', "\\\\"))),
        false => quote::text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_places_in_order() {
        let cells = [Cell::Int(-1), Cell::text("it's \\"), Cell::Null];
        let filled_in = filled("select 5 -%s, %s, %s, '%%'", &cells).unwrap();
        assert_eq!(filled_in, "select 5 - -1,  E'it''s \\\\', NULL, '%'");
        assert_eq!(filled("select '%s %'", &[]).unwrap(), "select '%s %'");
        assert!(filled("select 1", &[Cell::Null]).is_err());
        assert!(filled("select %s, %s", &[Cell::Null]).is_err());
        assert!(filled("select %d", &[Cell::Null]).is_err());
    }
}
