//! What the statements of one node gave, by name: `store_result`, `load_result`.

use crate::adapter::Response;
use crate::adapter::Table;
use crate::jinja::call::function;
use crate::jinja::error::fail;
use crate::jinja::table;
use crate::jinja::values;
use indexmap::IndexMap;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// The result of a node's own statement: macros around a materialization read it after it did.
const MAIN: &str = "main";

/// The store of one node. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Results {
    stored: Arc<Mutex<IndexMap<String, Entry>>>,
}

#[derive(Debug)]
struct Entry {
    value: Value,
    /// Whether a template has asked for it.
    loaded: bool,
}

/// One statement's outcome.
#[derive(Debug, Clone)]
pub struct Stored {
    pub response: Response,
    pub table: Arc<Table>,
}

impl Results {
    /// What a statement of that name gave; `None` where there was none.
    pub fn get(&self, name: &str) -> Option<Stored> {
        let value = self.lock().get(name)?.value.clone();
        let attribute = |name: &str| {
            value
                .get_attr(name)
                .ok()
                .filter(|found| !found.is_undefined())
        };
        let response = attribute("response").map_or_else(Response::ok, |found| response(&found));
        let table = attribute("table")
            .and_then(|found| table::table_of(&found))
            .unwrap_or_default();
        Some(Stored { response, table })
    }

    /// The functions by which templates reach the store.
    pub fn functions(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("store_result", self.store_result()),
            ("store_raw_result", self.store_raw_result()),
            ("load_result", self.load_result()),
        ]
    }

    /// `store_result(name, response, agate_table=none)`.
    fn store_result(&self) -> Value {
        let store = self.clone();
        function("store_result", move |_, mut args| {
            let name = args.required_str("name")?;
            let response = args.required("response")?;
            let given = args
                .optional("agate_table")
                .filter(|table| !table.is_none() && !table.is_undefined());
            args.finish()?;
            let table = given.unwrap_or_else(|| table::table(Table::default()));
            store.put(name, &response, table);
            Ok(Value::from(""))
        })
    }

    /// `store_raw_result(name, message, code, rows_affected, agate_table)`.
    fn store_raw_result(&self) -> Value {
        let store = self.clone();
        function("store_raw_result", move |_, mut args| {
            let name = args.required_str("name")?;
            let message = args.optional_str("message")?;
            let code = args.optional_str("code")?;
            let rows_affected = args.optional_int("rows_affected")?;
            let given = args
                .optional("agate_table")
                .filter(|table| !table.is_none() && !table.is_undefined());
            args.finish()?;
            let made = Response {
                message: message.unwrap_or_default(),
                code,
                rows_affected,
            };
            let table = given.unwrap_or_else(|| table::table(Table::default()));
            store.put(name, &response_value(&made), table);
            Ok(Value::from(""))
        })
    }

    /// `load_result(name)`; `none` where nothing was stored under that name. Each result but the
    /// main one is handed out once.
    fn load_result(&self) -> Value {
        let store = self.clone();
        function("load_result", move |_, mut args| {
            let name = args.required_str("name")?;
            args.finish()?;
            match store.lock().get_mut(&name) {
                None => Ok(values::none()),
                Some(entry) if entry.loaded && name != MAIN => Err(fail(format!(
                    "The 'statement' result named '{name}' has already been loaded into a variable"
                ))),
                Some(entry) => {
                    entry.loaded = true;
                    Ok(entry.value.clone())
                }
            }
        })
    }

    fn put(&self, name: String, response: &Value, table: Value) {
        let data = match table::table_of(&table) {
            Some(table) => values::list(
                table
                    .rows
                    .iter()
                    .map(|row| values::tuple(row.iter().map(table::cell))),
            ),
            None => values::list([]),
        };
        let stored = values::dict([
            ("response", response.clone()),
            ("data", data),
            ("table", table),
        ]);
        let entry = Entry {
            value: stored,
            loaded: false,
        };
        self.lock().insert(name, entry);
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<String, Entry>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A warehouse's response as templates see it: prints as its message.
pub fn response_value(response: &Response) -> Value {
    let pairs = response.to_json();
    let dict = pairs
        .iter()
        .map(|(key, value)| (key.clone(), values::from_json(value)));
    Value::from_object(ResponseValue {
        message: response.message.clone(),
        fields: values::dict(dict),
    })
}

/// The response in a value: one of ours, or a text or dict that a user's macro stored.
pub fn response(value: &Value) -> Response {
    let field = |name: &str| {
        let source = value
            .downcast_object_ref::<ResponseValue>()
            .map_or(value, |found| &found.fields);
        source
            .get_attr(name)
            .ok()
            .filter(|found| !found.is_undefined() && !found.is_none())
    };
    Response {
        message: field("_message").map_or_else(|| value.to_string(), |message| message.to_string()),
        code: field("code").map(|code| code.to_string()),
        rows_affected: field("rows_affected").and_then(|rows| rows.as_i64()),
    }
}

#[derive(Debug)]
struct ResponseValue {
    message: String,
    fields: Value,
}

impl Object for ResponseValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = self.fields.get_item(key).ok();
        match (found.filter(|found| !found.is_undefined()), key.as_str()) {
            (None, Some("code" | "rows_affected")) => Some(values::none()),
            (found, _) => found,
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
