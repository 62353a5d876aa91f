//! The comment that goes with every statement: who sent it, and for which node or connection.

use crate::adapter::session::QueryComment;
use crate::base::Diagnostic;
use crate::compile;
use crate::compile::NodeScope;
use crate::graph::Index;
use crate::jinja::RenderError;
use crate::jinja::Scope;
use crate::jinja::Template;
use crate::jinja::values;
use crate::run::Call;
use minijinja::value::Value;
use std::sync::Arc;

/// For the statements of one node.
pub(super) fn of_node(call: &Call<'_>, index: Index) -> Result<QueryComment, Box<Diagnostic>> {
    let node = call.world.graph.node(index);
    let id = node.unique_id.as_str();
    let scope = || -> Arc<dyn Scope> {
        let scope = NodeScope::of(call.world, index, None);
        let scope = scope.with("connection_name", Value::from(id));
        let world = call.world.clone();
        scope.with(
            "node",
            values::lazy(move || compile::model_value(&world, index, None)),
        )
    };
    let made = of(call, ("node_id", id), scope);
    made.map_err(|error| compile::headed(error.diagnostic(), node))
}

/// For statements that belong to no node.
pub(super) fn of_connection(call: &Call<'_>, name: &str) -> Result<QueryComment, RenderError> {
    of(call, ("connection_name", name), || -> Arc<dyn Scope> {
        let scope = NodeScope::free(call.world, call.world.graph.root_package(), None);
        let scope = scope.with("connection_name", Value::from(name));
        scope.with("node", values::none())
    })
}

fn of(
    call: &Call<'_>,
    whose: (&str, &str),
    scope: impl FnOnce() -> Arc<dyn Scope>,
) -> Result<QueryComment, RenderError> {
    let setting = &call.world.query_comment;
    let text = match &setting.template {
        None => usual(call, whose),
        Some(template) => {
            let template = Template::text("query-comment", template);
            call.world.engine.render_returning(&template, &scope())?
        }
    };
    Ok(QueryComment {
        text: text.trim().to_string(),
        append: setting.append,
    })
}

/// What dbt writes unless told otherwise.
fn usual(call: &Call<'_>, (key, value): (&str, &str)) -> String {
    let setting = &call.world.query_comment;
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    format!(
        "{{\"app\": \"dbt\", \"dbt_version\": {}, \"profile_name\": {}, \"target_name\": {}, \"{key}\": {}}}",
        quoted(crate::base::DBT_VERSION),
        quoted(&setting.profile_name),
        quoted(&setting.target_name),
        quoted(value)
    )
}
