//! Relations of this project that are read by their names: the order of work does not know of them.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::compile::Compiled;
use crate::compile::World;
use crate::compile::place_of;
use crate::graph::Index;
use crate::node::Node;
use crate::node::Resource;
use crate::sql::Query;
use crate::sql::parse::Read;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

/// Database, schema and name in lower case.
type Name = [String; 3];

/// Which node makes which relation.
pub(super) struct Makers(FxHashMap<Name, Index>);

impl Makers {
    pub(super) fn of(world: &World) -> Self {
        let nodes = world.graph.indices().filter(|index| {
            let node = world.graph.node(*index);
            node.has_relation() && node.resource != Resource::Source
        });
        Makers(nodes.map(|index| (name_of(world, index), index)).collect())
    }

    /// The maker of what a text reads; a name without a schema may be anything.
    fn find(&self, world: &World, read: &Read) -> Option<Index> {
        let name = match read.parts.as_slice() {
            [schema, name] => [&world.database, schema, name],
            [database, schema, name] => [database, schema, name],
            _ => return None,
        };
        self.0.get(&name.map(|part| part.to_lowercase())).copied()
    }
}

pub(super) fn findings(
    world: &World,
    makers: &Makers,
    index: Index,
    text: &Compiled,
    query: &Query,
) -> Vec<Diagnostic> {
    let known = readable(world, index);
    let mut told = FxHashSet::default();
    let unknown = query.relations.iter().filter_map(|read| {
        let maker = makers.find(world, read)?;
        (!known.contains(&name_of(world, maker)) && told.insert(maker)).then_some((read, maker))
    });
    let node = world.graph.node(index);
    unknown
        .map(|(read, maker)| finding(node, world.graph.node(maker), text, read))
        .collect()
}

/// What the node may name: itself and what it declared, also through the ephemeral models in front
/// of it. By names, because a source may stand for a relation that a model makes.
fn readable(world: &World, index: Index) -> FxHashSet<Name> {
    let mut known = FxHashSet::from_iter([name_of(world, index)]);
    let mut open = vec![index];
    while let Some(next) = open.pop() {
        for parent in world.graph.parents(next) {
            if known.insert(name_of(world, *parent)) && world.graph.node(*parent).is_ephemeral() {
                open.push(*parent);
            }
        }
    }
    known
}

fn name_of(world: &World, index: Index) -> Name {
    let node = world.graph.node(index);
    [&node.database, &node.schema, &node.alias].map(|part| part.to_lowercase())
}

fn finding(node: &Node, maker: &Node, text: &Compiled, read: &Read) -> Diagnostic {
    let place = place_of(node, &text.code, read.place.start)
        .unwrap_or_else(|| Place::line(&node.file, node.first_line));
    let message = format!(
        "{} reads `{}` by its name, so it may run before {} is built",
        node.title(),
        read.parts.join("."),
        maker.title()
    );
    Diagnostic::remark("hard-coded-relation", message)
        .at(place)
        .hint(format!("write {{{{ ref('{}') }}}}", maker.name))
}
