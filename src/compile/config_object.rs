//! `config` in a final render: the settings are known, so its questions have answers.

use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::config::keys;
use crate::jinja;
use crate::jinja::fail;
use crate::jinja::python::methods::config_method;
use crate::jinja::python::methods::method;
use crate::jinja::values;
use crate::node::Node;
use minijinja::Error;
use minijinja::State;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;

/// The `config` of one node.
pub(super) fn of(node: &Node, observer: &Arc<dyn Observer>) -> Value {
    let settings = node.config.values().clone();
    Value::from_object(Config {
        title: format!("Model '{}'", node.unique_id),
        settings,
        observer: observer.clone(),
    })
}

/// A `config` outside of any node: it has no settings, and macros that ask for some get their
/// defaults. `owner` is what a message names.
pub(super) fn of_nothing(owner: &str, observer: &Arc<dyn Observer>) -> Value {
    Value::from_object(Config {
        title: format!("Model '{owner}'"),
        settings: serde_json::Map::new(),
        observer: observer.clone(),
    })
}

/// The `config` of one node with more settings, for a materialization that needs them.
pub fn with_settings(
    node: &Node,
    observer: &Arc<dyn Observer>,
    more: impl IntoIterator<Item = (&'static str, serde_json::Value)>,
) -> Value {
    let mut settings = node.config.values().clone();
    settings.extend(
        more.into_iter()
            .map(|(key, value)| (key.to_string(), value)),
    );
    Value::from_object(Config {
        title: format!("Model '{}'", node.unique_id),
        settings,
        observer: observer.clone(),
    })
}

struct Config {
    /// For messages.
    title: String,
    settings: serde_json::Map<String, serde_json::Value>,
    observer: Arc<dyn Observer>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "config of {}", self.title)
    }
}

impl Object for Config {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

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
                self.warn_of_meta(&name);
                Ok(self.setting(&name).unwrap_or(default))
            }
            "require" => {
                let name = args.required_str("name")?;
                self.warn_of_meta(&name);
                self.setting(&name).ok_or_else(|| {
                    fail(format!(
                        "{} does not define a required config parameter '{name}'.",
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
                        "{} does not define a required config parameter '{name}' in its `meta`.",
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
        let name = key.as_str()?;
        self.setting(name).or_else(|| {
            let this = Value::from_dyn_object(self.clone());
            config_method(name).map(|name| method(this, name))
        })
    }
}

impl Config {
    /// A setting as a value of its own; a null setting counts as not set.
    fn setting(&self, name: &str) -> Option<Value> {
        let name = keys::canonical(name);
        self.settings
            .get(name)
            .filter(|value| !value.is_null())
            .map(values::from_json)
    }

    fn meta(&self, name: &str) -> Option<Value> {
        self.settings.get("meta")?.get(name).map(values::from_json)
    }

    /// Settings of one's own moved below `meta`; who asks for them at the old place gets nothing.
    fn warn_of_meta(&self, name: &str) {
        let is_set = self.settings.contains_key(keys::canonical(name));
        if is_set || self.meta(name).is_none() {
            return;
        }
        let said = format!(
            "The key '{name}' was not found using config.get('{name}'), but was detected as a custom config \
             under 'meta'. Please use config.meta_get('{name}') or config.meta_require('{name}') instead of \
             config.get('{name}') to access the custom config value if intended."
        );
        self.observer.on(&Event::Found(
            Diagnostic::warning("setting-in-meta", said)
                .event("GetMetaKeyWarning")
                .field("meta_key", name),
        ));
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
