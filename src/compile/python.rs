//! The final code of a Python model: the user's, and behind it what gives it its `dbt`.

use crate::compile::NodeScope;
use crate::compile::World;
use crate::jinja::RenderError;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Node;
use std::sync::Arc;

pub(super) fn code(
    world: &Arc<World>,
    node: &Node,
    scope: &Arc<NodeScope>,
) -> Result<String, RenderError> {
    let model = scope.get("model").unwrap_or_else(values::none);
    let scope: Arc<dyn Scope> = scope.clone();
    let engine = &world.engine;
    let postfix =
        engine.call_by_name(None, "py_script_postfix", vec![model], Vec::new(), &scope)?;
    let postfix = postfix.as_str().unwrap_or_default().to_string();
    Ok(format!("{}\n\n{postfix}", node.raw_code.trim()))
}
