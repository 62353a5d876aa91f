//! What can be said about final SQL before the warehouse sees it; one file per rule.
//! Promise: a finding is certain. Text that the parser does not understand is left to the warehouse's
//! own grammar, and where that is silent too, nothing is said.
//! Not here: columns and types.

mod hard_coded;
mod syntax;

use crate::adapter::Adapter;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::compile::Ahead;
use crate::compile::Compiled;
use crate::compile::World;
use crate::graph::Index;
use crate::node::Detail;
use crate::node::Node;
use crate::sql;
use hard_coded::Makers;
use rayon::prelude::*;

/// Reads all texts that are ready, and notes what is wrong with them. Every finding is a note: the
/// outcome of a call is the same with and without it.
pub fn note(world: &World, ahead: &Ahead, warehouse: &dyn Adapter, bag: &Bag) {
    let makers = Makers::of(world);
    let texts = ahead.texts();
    let found: Vec<Vec<Diagnostic>> = texts
        .par_iter()
        .filter(|(index, _)| is_users_query(world.graph.node(*index)))
        .map(|(index, text)| findings(world, &makers, *index, text, warehouse))
        .collect();
    bag.extend(found.into_iter().flatten());
}

fn findings(
    world: &World,
    makers: &Makers,
    index: Index,
    text: &Compiled,
    warehouse: &dyn Adapter,
) -> Vec<Diagnostic> {
    let query = sql::parse::parse(&text.code, world.dialect);
    if query.opaque.is_some() {
        return syntax::finding(world.graph.node(index), text, warehouse)
            .into_iter()
            .collect();
    }
    hard_coded::findings(world, makers, index, text, &query)
}

/// The text of a generic test is its macro's, told of once there is a row it fails for; that of a
/// function is an expression.
fn is_users_query(node: &Node) -> bool {
    match &node.detail {
        Detail::Test(test) => test.metadata.is_none(),
        Detail::Function(_) => false,
        _ => true,
    }
}
