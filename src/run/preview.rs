//! The first rows of a node, as `show` prints them.

use crate::adapter::AdapterError;
use crate::adapter::ErrorKind;
use crate::adapter::Table;
use crate::adapter::session::AutoBegin;
use crate::base::Diagnostic;
use crate::compile;
use crate::compile::Compiled;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::jinja::Scope;
use crate::jinja::values;
use crate::node::Node;
use crate::run::Call;
use crate::run::NodeResult;
use crate::run::blame;
use crate::run::info;
use minijinja::value::Value;
use std::sync::Arc;

/// Rows, and the statement that gave them.
pub struct Preview {
    pub rows: Table,
    pub sql: Arc<str>,
}

/// Runs the final SQL of a node, wrapped by the `get_show_sql` macro; `None` for all rows.
pub fn rows(
    call: &Call<'_>,
    result: &NodeResult,
    code: &Arc<str>,
    limit: Option<usize>,
) -> Result<Preview, Box<Diagnostic>> {
    let index = call.world.graph.find(result.unique_id.as_str());
    let index = index.ok_or_else(|| {
        Box::new(Diagnostic::error(
            "internal",
            format!("{} is gone", result.unique_id),
        ))
    })?;
    let node = call.world.graph.node(index);
    let session: SessionHandle = call.session(node.unique_id.as_str());
    let mut task = compile::lock(&session).task().clone();
    task.node = Some(result.end.node.clone());
    compile::lock(&session).enter(task);
    let scope: Arc<dyn Scope> = NodeScope::of(call.world, index, Some(&session));
    let sql = statement(call, node, code, limit, &scope)?;
    let fetched = compile::lock(&session).fetch(&sql, AutoBegin::No, None);
    match fetched {
        Ok((_, rows)) => Ok(Preview {
            rows,
            sql: Arc::from(sql),
        }),
        Err(error) if limit.is_some() && is_second_limit(&error) => {
            Err(limited_twice(node, &error))
        }
        Err(error) => {
            let compiled = Compiled {
                code: code.clone(),
                extra_ctes: result.extra_ctes.clone(),
                macros: result.macros.clone(),
            };
            Err(blame::refused(node, &compiled, &error))
        }
    }
}

/// Whether the warehouse stumbled over the limit that was put behind a query with one of its own.
fn is_second_limit(error: &AdapterError) -> bool {
    error.kind == ErrorKind::Syntax && error.message.contains("at or near \"limit\"")
}

fn limited_twice(node: &Node, error: &AdapterError) -> Box<Diagnostic> {
    let said = error.message.lines().next().unwrap_or_default();
    let said = AdapterError {
        message: said.to_string(),
        ..error.clone()
    };
    Box::new(
        said.diagnostic()
            .headline(info::of(node).headline(error.family))
            .hint("`show` adds a limit of its own: leave this one out"),
    )
}

fn statement(
    call: &Call<'_>,
    node: &Node,
    code: &Arc<str>,
    limit: Option<usize>,
    scope: &Arc<dyn Scope>,
) -> Result<String, Box<Diagnostic>> {
    let header = node
        .config
        .get("sql_header")
        .map_or_else(values::none, values::from_json);
    let limit = limit.map_or_else(values::none, |limit| Value::from(limit as i64));
    let arguments = vec![Value::from(code.clone()), header, limit];
    let sql = call
        .world
        .engine
        .call_by_name(None, "get_show_sql", arguments, Vec::new(), scope);
    let sql = sql.map_err(|error| compile::headed(error.diagnostic(), node))?;
    Ok(sql.as_str().unwrap_or_default().trim().to_string())
}
