//! Database, schema and alias of a node, through the macros that users override:
//! `generate_database_name`, `generate_schema_name`, `generate_alias_name`.

use crate::config::NodeConfig;
use crate::jinja::Engine;
use crate::jinja::Macro;
use crate::jinja::RenderError;
use crate::jinja::Scope;
use crate::jinja::values;
use minijinja::value::Value;
use std::sync::Arc;

/// Where a node lives in the warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub database: String,
    pub schema: String,
    pub alias: String,
}

/// Asks the three macros. `node` is the node's dictionary, which they may read.
pub(super) fn of_node(
    engine: &Arc<Engine>,
    scope: &Arc<dyn Scope>,
    config: &NodeConfig,
    node: &Value,
) -> Result<Names, RenderError> {
    let ask = |name: &str, custom: &str| -> Result<String, RenderError> {
        let custom = config
            .get(custom)
            .map_or_else(values::none, values::from_json);
        let named = vec![("node".to_string(), node.clone())];
        match component(engine, scope.package(), name) {
            Some(found) => Ok(text(&engine.call(found, vec![custom], named, scope)?)),
            None => Ok(String::new()),
        }
    };
    Ok(Names {
        database: ask("generate_database_name", "database")?,
        schema: ask("generate_schema_name", "schema")?,
        alias: ask("generate_alias_name", "alias")?,
    })
}

/// The root project's macro goes first, then that of the node's package, then ours.
fn component<'a>(engine: &'a Engine, package: &str, name: &str) -> Option<&'a Arc<Macro>> {
    let registry = engine.registry();
    let root = registry.in_package(&registry.search.root, name);
    root.or_else(|| registry.in_package(package, name))
        .or_else(|| registry.internal(name))
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_string)
        .trim()
        .to_string()
}
