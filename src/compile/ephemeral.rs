//! Puts the text of ephemeral models in front of the queries that read them.

use crate::adapter::relation::CTE_PREFIX;
use crate::base::Diagnostic;
use crate::compile;
use crate::compile::Compiled;
use crate::compile::NodeScope;
use crate::compile::SessionHandle;
use crate::compile::World;
use crate::compile::references;
use crate::graph::Index;
use crate::node::UniqueId;
use crate::sql;
use std::sync::Arc;

/// The code with a query in front for each ephemeral model it reads, and for those which these read.
pub fn inject(
    world: &Arc<World>,
    code: String,
    scope: &NodeScope,
    session: Option<&SessionHandle>,
) -> Result<Compiled, Box<Diagnostic>> {
    let mut ctes: Vec<(UniqueId, String)> = Vec::new();
    for read in scope.ephemeral_reads() {
        let compiled = of_model(world, read, session)?;
        for cte in compiled.extra_ctes {
            if !ctes.iter().any(|(id, _)| *id == cte.0) {
                ctes.push(cte);
            }
        }
    }
    let texts: Vec<(String, String)> = ctes
        .iter()
        .map(|(id, text)| (name(world, id), text.clone()))
        .collect();
    let code = sql::inject_ctes(&code, &texts, world.dialect);
    Ok(Compiled {
        code: Arc::from(code),
        extra_ctes: ctes,
        macros: scope.called_macros(),
    })
}

/// An ephemeral model as the list of queries that a reader needs: those it reads, then itself.
fn of_model(
    world: &Arc<World>,
    index: Index,
    session: Option<&SessionHandle>,
) -> Result<Compiled, Box<Diagnostic>> {
    if let Some(known) = world.remembered(index) {
        return Ok(known);
    }
    let node = world.graph.node(index);
    let scope = NodeScope::of(world, index, session);
    let code =
        compile::render(world, node, &scope).map_err(|e| compile::headed(e.diagnostic(), node))?;
    let mut compiled = inject(world, code.clone(), &scope, session)?;
    compiled.extra_ctes.push((node.unique_id.clone(), code));
    world.remember(index, &compiled);
    Ok(compiled)
}

fn name(world: &World, id: &UniqueId) -> String {
    let node = world
        .graph
        .find(id.as_str())
        .map(|index| world.graph.node(index));
    format!(
        "{CTE_PREFIX}{}",
        node.map_or_else(String::new, references::cte_name)
    )
}
