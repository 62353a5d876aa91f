//! Answers what a Python model asks of the warehouse.

use super::carrier;
use super::carrier::Carried;
use super::carrier::Carriers;
use super::columns_value;
use super::statement;
use crate::adapter::Cell;
use crate::adapter::Session;
use crate::adapter::session::AutoBegin;
use crate::compile;
use crate::compile::SessionHandle;
use crate::jinja::CallSite;
use minijinja::value::Value;
use serde_json::Value as Json;
use serde_json::json;
use std::path::Path;

pub(super) struct Server<'a> {
    site: &'a CallSite,
    session: &'a SessionHandle,
    /// Where the files with rows lie.
    folder: &'a Path,
    written: usize,
}

type Answer = Result<Json, String>;

impl<'a> Server<'a> {
    pub(super) fn new(site: &'a CallSite, session: &'a SessionHandle, folder: &'a Path) -> Self {
        Server {
            site,
            session,
            folder,
            written: 0,
        }
    }

    /// One question, one answer; what went wrong is `error` in it.
    pub(super) fn answer(&mut self, question: &Json) -> Json {
        let text = |key: &str| question[key].as_str().unwrap_or_default();
        let answer = match text("ask") {
            "relation" => self.relation(text("name")),
            "lookup" => Ok(self.relation(text("name")).unwrap_or_else(|_| json!({}))),
            "carriers" => Ok(self.carriers(question)),
            "register" => self.register(text("name"), text("path"), &question["columns"]),
            "execute" => self.execute(text("sql")),
            "unregister" => self.unregister(text("name")),
            other => Err(format!("sqlmill knows no question `{other}`")),
        };
        answer.unwrap_or_else(|error| json!({ "error": error }))
    }

    /// Writes a relation, given as it stands in SQL, to a file.
    fn relation(&mut self, expression: &str) -> Answer {
        let columns = self.columns(expression)?;
        self.written += 1;
        let path = self.folder.join(format!("rows_{}.parquet", self.written));
        let args = vec![
            Value::from(expression),
            columns_value(&columns),
            shown(&path),
        ];
        let sql = statement(self.site, "py_export_sql", args)?;
        self.send(&sql, AutoBegin::No)?;
        Ok(json!({ "path": path, "columns": columns }))
    }

    fn columns(&self, expression: &str) -> Result<Vec<Carried>, String> {
        let args = vec![Value::from(expression)];
        let sql = statement(self.site, "py_columns_sql", args)?;
        let mut session = compile::lock(self.session);
        let carriers = carriers(&session);
        let fetched = session.fetch(&sql, AutoBegin::No, None);
        let (_, table) = fetched.map_err(|error| error.message)?;
        let column = |row: &Vec<Cell>| match row.as_slice() {
            [Cell::Str(name), Cell::Str(kind), ..] => Some(Carried::new(name, kind, carriers)),
            _ => None,
        };
        Ok(table.rows.iter().filter_map(column).collect())
    }

    /// Gives a file with a result the name by which the model's statement reads it.
    fn register(&self, name: &str, path: &str, columns: &Json) -> Answer {
        let columns: Vec<Carried> = serde_json::from_value(columns.clone()).unwrap_or_default();
        let args = vec![
            Value::from(name),
            columns_value(&columns),
            Value::from(path),
        ];
        let sql = statement(self.site, "py_import_sql", args)?;
        self.send(&sql, AutoBegin::Yes)
    }

    fn execute(&self, sql: &str) -> Answer {
        self.send(sql, AutoBegin::Yes)
    }

    fn unregister(&self, name: &str) -> Answer {
        let sql = statement(self.site, "py_forget_sql", vec![Value::from(name)])?;
        self.send(&sql, AutoBegin::Yes)
    }

    fn carriers(&self, question: &Json) -> Json {
        let known = carriers(&compile::lock(self.session));
        let types = question["types"].as_array().into_iter().flatten();
        let carriers = types.map(|kind| carrier::of(kind.as_str().unwrap_or_default(), known));
        json!({ "carriers": carriers.collect::<Vec<_>>() })
    }

    fn send(&self, sql: &str, begin: AutoBegin) -> Answer {
        let sent = compile::lock(self.session).execute(sql, begin, &[]);
        sent.map(|_| json!({})).map_err(|error| error.message)
    }
}

fn carriers(session: &Session) -> Carriers {
    session.shared().adapter.capabilities().file_carriers
}

fn shown(path: &Path) -> Value {
    Value::from(path.to_string_lossy().into_owned())
}
