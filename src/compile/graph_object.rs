//! `graph` in templates: all nodes by id, as dictionaries.

use crate::compile::World;
use crate::jinja::values;
use crate::node::Node;
use crate::node::Resource;
use crate::node::dictionary;
use crate::node::dictionary::Surroundings;
use minijinja::value::Value;

pub(super) fn value(world: &World) -> Value {
    let section = |belongs: fn(&Node) -> bool| {
        let members = world
            .graph
            .indices()
            .filter(|index| belongs(world.graph.node(*index)));
        values::dict(members.map(|index| {
            let node = world.graph.node(index);
            let around = Surroundings {
                depends_on: world.graph.parent_ids(index),
                ..Surroundings::default()
            };
            let dictionary = serde_json::Value::Object(dictionary::of(node, &around));
            (
                node.unique_id.as_str().to_string(),
                values::from_json(&dictionary),
            )
        }))
    };
    values::dict([
        (
            "nodes",
            section(|node| !matches!(node.resource, Resource::Source | Resource::Exposure)),
        ),
        ("sources", section(|node| node.resource == Resource::Source)),
        (
            "exposures",
            section(|node| node.resource == Resource::Exposure),
        ),
        ("groups", values::dict::<&str>([])),
        ("metrics", values::dict::<&str>([])),
        ("semantic_models", values::dict::<&str>([])),
        ("saved_queries", values::dict::<&str>([])),
        ("functions", values::dict::<&str>([])),
    ])
}
