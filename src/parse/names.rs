//! Database, schema and alias of a node, through the macros that users override:
//! `generate_database_name`, `generate_schema_name`, `generate_alias_name`.
//! Where nobody overrides one, its rule is applied right here: a project asks for thousands of names.

use crate::jinja::Engine;
use crate::jinja::Macro;
use crate::jinja::RenderError;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Node;
use crate::node::dictionary;
use crate::node::dictionary::Surroundings;
use crate::node::version_text;
use minijinja::value::Value;
use std::sync::Arc;

/// Where a node lives in the warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub database: String,
    pub schema: String,
    pub alias: String,
}

/// How the nodes of one package are named.
#[derive(Debug)]
pub(super) struct Rules {
    /// The user's own macros; `None` where the usual rule holds.
    database: Option<Arc<Macro>>,
    schema: Option<Arc<Macro>>,
    alias: Option<Arc<Macro>>,
}

/// Database and schema of the target.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults<'a> {
    pub database: &'a str,
    pub schema: &'a str,
}

impl Rules {
    pub(super) fn of_package(engine: &Engine, package: &str) -> Self {
        Rules {
            database: overridden(engine, package, "generate_database_name"),
            schema: overridden(engine, package, "generate_schema_name"),
            alias: overridden(engine, package, "generate_alias_name"),
        }
    }

    /// The names of one node. `scope` makes the names that the user's macros see; it is asked only for those.
    pub(super) fn apply(
        &self,
        node: &Arc<Node>,
        defaults: Defaults<'_>,
        engine: &Arc<Engine>,
        scope: impl Fn() -> Arc<dyn Scope>,
    ) -> Result<Names, RenderError> {
        let custom = |key: &str| node.config.text(key).map(|text| text.trim().to_string());
        let ask = |called: &Arc<Macro>, key: &str| -> Result<String, RenderError> {
            let custom = node
                .config
                .get(key)
                .map_or_else(values::none, values::from_json);
            let named = vec![("node".to_string(), lazy_dictionary(node))];
            Ok(text(&engine.call(called, vec![custom], named, &scope())?))
        };
        Ok(Names {
            database: match &self.database {
                Some(called) => ask(called, "database")?,
                None => custom("database").unwrap_or_else(|| defaults.database.to_string()),
            },
            schema: match &self.schema {
                Some(called) => ask(called, "schema")?,
                None => match custom("schema") {
                    Some(custom) => format!("{}_{custom}", defaults.schema),
                    None => defaults.schema.to_string(),
                },
            },
            alias: match &self.alias {
                Some(called) => ask(called, "alias")?,
                None => custom("alias")
                    .filter(|a| !a.is_empty())
                    .unwrap_or_else(|| usual_alias(node)),
            },
        })
    }
}

fn usual_alias(node: &Node) -> String {
    match node.version() {
        Some(version) => format!("{}_v{}", node.name, version_text(version).replace('.', "_")),
        None => node.name.clone(),
    }
}

/// The macro that names nodes of a package, if a user wrote it or an implementation that it dispatches to.
fn overridden(engine: &Engine, package: &str, name: &str) -> Option<Arc<Macro>> {
    let registry = engine.registry();
    let found = component(engine, package, name)?;
    let dispatched = registry.dispatch(package, name, Some("dbt")).ok();
    let is_ours = |found: &Arc<Macro>| registry.is_internal(&found.package);
    let is_usual = is_ours(found) && dispatched.is_none_or(is_ours);
    (!is_usual).then(|| found.clone())
}

/// The root project's macro goes first, then that of the node's package, then ours.
fn component<'a>(engine: &'a Engine, package: &str, name: &str) -> Option<&'a Arc<Macro>> {
    let registry = engine.registry();
    let root = registry.in_package(&registry.search.root, name);
    root.or_else(|| registry.in_package(package, name))
        .or_else(|| registry.internal(name))
}

fn lazy_dictionary(node: &Arc<Node>) -> Value {
    let node = node.clone();
    values::lazy(move || {
        let dictionary = dictionary::of(&node, &Surroundings::default());
        values::from_json(&serde_json::Value::Object(dictionary))
    })
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_string)
        .trim()
        .to_string()
}
