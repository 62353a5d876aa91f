//! `graph` in templates: all nodes by id, as dictionaries.

use crate::compile::World;
use crate::jinja::values;
use crate::node::dictionary;
use crate::node::dictionary::Surroundings;
use minijinja::value::Value;

pub(super) fn value(world: &World) -> Value {
    let section = |section: &'static str| {
        let members = world
            .graph
            .indices()
            .filter(|index| world.graph.node(*index).resource.section() == section);
        let members = values::dict(members.map(|index| {
            let node = world.graph.node(index);
            let around = Surroundings {
                depends_on: world.graph.parent_ids(index),
                defer_relation: world.deferral.relations.get(&index),
                ..Surroundings::default()
            };
            let dictionary = serde_json::Value::Object(dictionary::of(node, &around));
            (
                node.unique_id.as_str().to_string(),
                values::from_json(&dictionary),
            )
        }));
        (section, members)
    };
    let groups = world.graph.groups().iter().map(|group| {
        let group_dictionary = serde_json::Value::Object(dictionary::group(group));
        (
            group.unique_id.clone(),
            values::from_json(&group_dictionary),
        )
    });
    values::dict([
        section("nodes"),
        section("sources"),
        section("exposures"),
        ("groups", values::dict(groups)),
        section("metrics"),
        section("semantic_models"),
        section("saved_queries"),
        section("functions"),
    ])
}
