//! `config` in a final render: the settings are known, so its questions have answers.

use crate::jinja;
use crate::jinja::fail;
use crate::jinja::values;
use crate::node::Node;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::Value;
use std::sync::Arc;

/// The `config` of one node.
pub(super) fn of(node: &Node) -> Value {
    let settings = node.config.values().clone();
    Value::from_object(Config {
        title: node.title(),
        settings,
    })
}

/// The `config` of one node with more settings, for a materialization that needs them.
pub fn with_settings(
    node: &Node,
    more: impl IntoIterator<Item = (&'static str, serde_json::Value)>,
) -> Value {
    let mut settings = node.config.values().clone();
    settings.extend(
        more.into_iter()
            .map(|(key, value)| (key.to_string(), value)),
    );
    Value::from_object(Config {
        title: node.title(),
        settings,
    })
}

#[derive(Debug)]
struct Config {
    title: String,
    settings: serde_json::Map<String, serde_json::Value>,
}

impl Object for Config {
    /// `config(..)` has had its say when the project was read.
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Ok(Value::from(""))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let function = format!("config.{method}");
        let mut args = jinja::Args::new(&function, args);
        match method {
            "get" => {
                let name = args.required_str("name")?;
                let default = args.optional("default").unwrap_or_else(values::none);
                Ok(self.setting(&name).unwrap_or(default))
            }
            "require" => {
                let name = args.required_str("name")?;
                self.setting(&name).ok_or_else(|| {
                    fail(format!(
                        "{} does not set the required config '{name}'",
                        self.title
                    ))
                })
            }
            "meta_get" => {
                let name = args.required_str("name")?;
                let default = args.optional("default").unwrap_or_else(values::none);
                Ok(self.meta(&name).unwrap_or(default))
            }
            "meta_require" => {
                let name = args.required_str("name")?;
                self.meta(&name).ok_or_else(|| {
                    fail(format!(
                        "{} does not set the required meta '{name}'",
                        self.title
                    ))
                })
            }
            "persist_relation_docs" => Ok(Value::from(self.persists("relation"))),
            "persist_column_docs" => Ok(Value::from(self.persists("columns"))),
            "set" => Ok(Value::from("")),
            other => Err(fail(format!("config has no method `{other}`"))),
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.setting(key.as_str()?)
    }
}

impl Config {
    /// A setting as a value of its own; a null setting counts as not set.
    fn setting(&self, name: &str) -> Option<Value> {
        let name = crate::config::keys::canonical(name);
        self.settings
            .get(name)
            .filter(|value| !value.is_null())
            .map(values::from_json)
    }

    fn meta(&self, name: &str) -> Option<Value> {
        self.settings.get("meta")?.get(name).map(values::from_json)
    }

    fn persists(&self, what: &str) -> bool {
        let written = self
            .settings
            .get("persist_docs")
            .and_then(|docs| docs.get(what));
        written
            .and_then(serde_json::Value::as_bool)
            .unwrap_or(false)
    }
}
