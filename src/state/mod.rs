//! Compares the nodes of a project with those of an earlier manifest.
//! Promise: only what is declared counts, never when or where it was written; nothing is rendered.
//! Not here: reading the earlier file (`artifacts`), which nodes a call takes (`select`).

mod configs;
mod contents;
mod contract;
mod deferral;
mod macros;
mod pair;
mod promise;
mod seed;

use crate::base::Bag;
use crate::graph::Graph;
use crate::graph::Index;
use crate::jinja::Registry;
use crate::node::Aspect;
use crate::node::dictionary;
use crate::node::dictionary::Surroundings;
pub use deferral::relations;
use macros::ChangedMacros;
use pair::Pair;
use rustc_hash::FxHashMap;
use serde_json::Map;
use serde_json::Value;

/// What an earlier manifest holds.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    /// Nodes of every kind by id, under the keys of today's manifests.
    pub nodes: FxHashMap<String, Map<String, Value>>,
    /// Texts of macros by id.
    pub macros: FxHashMap<String, String>,
}

/// How the project's settings are held against the earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// Database and schema of a source as they came out of Jinja.
    Rendered,
    /// As they are written: another target changes nothing.
    AsWritten,
}

/// A project beside what it was.
pub struct Comparison<'a> {
    graph: &'a Graph,
    earlier: &'a Earlier,
    macros: ChangedMacros<'a>,
    places: Places,
}

impl<'a> Comparison<'a> {
    pub fn new(
        graph: &'a Graph,
        registry: &'a Registry,
        earlier: &'a Earlier,
        places: Places,
    ) -> Self {
        Comparison {
            graph,
            earlier,
            macros: ChangedMacros::new(registry, earlier),
            places,
        }
    }

    /// Whether the earlier manifest has this node.
    pub fn has(&self, index: Index) -> bool {
        self.earlier_node(index).is_some()
    }

    /// Whether the node differs in that way. A new node differs in all but its macros.
    /// What a person has to know about the difference goes to the bag.
    pub fn differs(&self, index: Index, aspect: Aspect, bag: &Bag) -> bool {
        let node = self.graph.node(index);
        let in_macros = || self.macros.are_called_by(&node.macros);
        if aspect == Aspect::Macros {
            return in_macros();
        }
        let Some(then) = self.earlier_node(index) else {
            return contents::is_new_in(node, aspect);
        };
        let around = Surroundings {
            depends_on: self.graph.parent_ids(index),
            ..Surroundings::default()
        };
        let now = dictionary::of(node, &around);
        let pair = Pair {
            node,
            now: &now,
            then,
            places: self.places,
        };
        // Macros are asked last: a change of contents may have more to tell.
        contents::differ(&pair, aspect, bag) || (aspect == Aspect::Any && in_macros())
    }

    /// Tells of models with an enforced contract that are gone or turned off.
    pub fn tell_of_removed(&self, bag: &Bag) {
        contract::tell_of_removed(self.graph, self.earlier, bag);
    }

    fn earlier_node(&self, index: Index) -> Option<&'a Map<String, Value>> {
        self.earlier
            .nodes
            .get(self.graph.node(index).unique_id.as_str())
    }
}
