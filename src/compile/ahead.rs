//! Final SQL of the nodes whose text depends on the project alone, made on all cores before the first
//! statement is sent.
//! Promise: a text made here is the one that the node's own turn would give.
//! Not here: what fails; it is rendered again in its turn, where the failure is told.

use crate::compile;
use crate::compile::Compiled;
use crate::compile::World;
use crate::graph::Index;
use crate::node::Render;
use crate::node::Resource;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Texts that are ready before their nodes have their turn.
#[derive(Debug, Default)]
pub struct Ahead {
    ready: FxHashMap<Index, Compiled>,
}

/// Renders those of the nodes that need no warehouse for it.
pub fn ahead(world: &Arc<World>, nodes: &[Index]) -> Ahead {
    let render = |index: &Index| Some((*index, compile::node(world, *index, None).ok()?));
    let chosen = nodes
        .par_iter()
        .filter(|index| needs_nothing(world, **index));
    Ahead {
        ready: chosen.filter_map(render).collect(),
    }
}

impl Ahead {
    /// `None` for a node that has to be rendered in its turn.
    pub fn get(&self, index: Index) -> Option<&Compiled> {
        self.ready.get(&index)
    }

    /// All texts, in the order of their nodes.
    pub fn texts(&self) -> Vec<(Index, &Compiled)> {
        let mut texts: Vec<_> = self
            .ready
            .iter()
            .map(|(index, text)| (*index, text))
            .collect();
        texts.sort_unstable_by_key(|(index, _)| *index);
        texts
    }
}

/// Whether neither the node nor an ephemeral model in front of it asks the warehouse.
fn needs_nothing(world: &World, index: Index) -> bool {
    let mut open = vec![index];
    while let Some(index) = open.pop() {
        let node = world.graph.node(index);
        let has_text = node.resource != Resource::Seed;
        // A microbatch model has a text for each batch.
        if !has_text || node.render == Render::InTurn || node.is_microbatch() {
            return false;
        }
        if world.may_defer(index) {
            return false;
        }
        let parents = world.graph.parents(index).iter().copied();
        open.extend(parents.filter(|parent| world.graph.node(*parent).is_ephemeral()));
    }
    true
}
