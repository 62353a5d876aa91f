//! What listeners are told about a node.

use crate::base::NodeInfo;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::plan::Plan;
use crate::plan::StepId;
use crate::plan::Work;
use crate::run::Call;
use crate::run::batches;
use crate::run::prepare;

/// A node with its place among the nodes of this call.
pub(super) fn of_step(call: &Call<'_>, plan: &Plan, id: StepId) -> NodeInfo {
    let step = &plan.steps[id];
    let node = call.world.graph.node(step.node);
    let told = of(node);
    let keeps_none = node.resource == Resource::Test && !prepare::leaves_relation(call, node);
    NodeInfo {
        index: step.number,
        total: plan.results,
        is_batched: step.work == Work::Materialize && batches::is_batched(call.world, node),
        relation_name: match keeps_none {
            true => String::new(),
            false => told.relation_name.clone(),
        },
        ..told
    }
}

pub(super) fn of(node: &Node) -> NodeInfo {
    let attached = match &node.detail {
        Detail::Test(test) => test
            .attached_node
            .as_ref()
            .map(|id| id.as_str().to_string()),
        _ => None,
    };
    NodeInfo {
        unique_id: node.unique_id.as_str().to_string(),
        name: node.name.clone(),
        resource_type: node.resource.as_str(),
        path: node.path.clone(),
        original_file_path: node.original_file_path.clone(),
        materialized: node.materialized().to_string(),
        language: node.language,
        database: node.database.clone(),
        schema: node.schema.clone(),
        alias: node.alias.clone(),
        relation_name: node.relation_name.clone().unwrap_or_default(),
        checksum: node.checksum.clone(),
        meta: serde_json::Value::Object(node.meta.clone().into()),
        attached_node: attached.unwrap_or_default(),
        index: 0,
        total: 0,
        started_at: None,
        is_batched: false,
    }
}
