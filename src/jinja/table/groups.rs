//! A result cut into one table per value of a column: `table.group_by('state').get('paid')`.

use super::TableValue;
use super::cell;
use super::position;
use super::positions;
use super::write_lines;
use crate::adapter::Table;
use crate::jinja::call::Args;
use crate::jinja::error::fail;
use crate::jinja::python::operators;
use crate::jinja::values;
use minijinja::Error;
use minijinja::ErrorKind;
use minijinja::State;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// `group_by(key, key_name=None)`: a table for each value of a column, in the order in which they appear.
pub(super) fn group_by(table: &Table, mut args: Args<'_>) -> Result<Value, Error> {
    let key = args.required_str("key")?;
    let key_name = args.optional_str("key_name")?;
    args.finish()?;
    let column = positions(table, &Value::from(key.as_str()))?[0];
    Ok(Value::from_object(Groups {
        key_name: key_name.unwrap_or(key),
        key: column,
        head: Table::new(table.columns.clone(), Vec::new()),
        groups: split(table, column),
    }))
}

fn split(table: &Table, column: usize) -> Vec<(Value, Arc<Table>)> {
    let mut places: HashMap<Value, usize> = HashMap::new();
    let mut groups: Vec<(Value, Table)> = Vec::new();
    for row in &table.rows {
        let key = cell(&row[column]);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Table::new(table.columns.clone(), Vec::new())));
            groups.len() - 1
        });
        groups[place].1.rows.push(row.clone());
    }
    let shared = groups
        .into_iter()
        .map(|(key, group)| (key, Arc::new(group)));
    shared.collect()
}

/// Tables by the value that their rows share: by position, by value, one after the other.
#[derive(Debug)]
pub(super) struct Groups {
    key_name: String,
    /// The column of the keys.
    key: usize,
    /// The columns of every group, without a row.
    head: Table,
    groups: Vec<(Value, Arc<Table>)>,
}

impl Groups {
    fn keys(&self) -> impl Iterator<Item = Value> {
        self.groups.iter().map(|(key, _)| key.clone())
    }

    fn tables(&self) -> impl Iterator<Item = Value> {
        self.groups.iter().map(|(_, group)| shown(group))
    }

    fn of_key(&self, wanted: &Value) -> Option<Value> {
        let mut groups = self.groups.iter();
        let (_, group) = groups.find(|(key, _)| operators::equal(key, wanted))?;
        Some(shown(group))
    }
}

impl Object for Groups {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.groups.len())
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(at) = position(key, self.groups.len(), |_| None) {
            return Some(shown(&self.groups[at].1));
        }
        let columns = || self.head.columns.iter();
        match key.as_str()? {
            "key_name" => Some(Value::from(self.key_name.as_str())),
            "key_type" => Some(Value::from(self.head.columns[self.key].kind.as_str())),
            "column_names" => Some(values::tuple(
                columns().map(|column| Value::from(column.name.as_str())),
            )),
            "column_types" => Some(values::tuple(
                columns().map(|column| Value::from(column.kind.as_str())),
            )),
            _ => self.of_key(key),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let mut args = Args::new(method, args);
        let answer = match method {
            "keys" => values::tuple(self.keys()),
            "values" => values::tuple(self.tables()),
            "items" => values::tuple(
                self.keys()
                    .zip(self.tables())
                    .map(|(key, group)| values::tuple([key, group])),
            ),
            "dict" => values::dict(self.keys().zip(self.tables())),
            "get" => {
                let key = args.required("key")?;
                let default = args.optional("default").unwrap_or_else(values::none);
                self.of_key(&key).unwrap_or(default)
            }
            "aggregate" | "merge" | "having" => {
                return Err(fail(format!(
                    "`{method}` of grouped tables is not there; group in SQL instead"
                )));
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        };
        args.finish()?;
        Ok(answer)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.groups.iter();
        let lines = lines.map(|(key, group)| (key.to_string(), group.rows.len().to_string()));
        write_lines(f, ("table", "rows"), lines)
    }
}

fn shown(group: &Arc<Table>) -> Value {
    Value::from_object(TableValue(group.clone()))
}
