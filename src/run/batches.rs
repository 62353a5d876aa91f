//! Which batches of a microbatch model a call works on.
//! Promise: batches lie side by side, the earliest first, and begin where their size says.

use crate::adapter::Relation;
use crate::adapter::RelationKind;
use crate::base::Window;
use crate::base::window;
use crate::compile;
use crate::compile::Batch;
use crate::compile::Onto;
use crate::compile::SessionHandle;
use crate::compile::World;
use crate::config::BatchSize;
use crate::config::Flags;
use crate::jinja::Engine;
use crate::node::Node;
use crate::node::Resource;
use crate::run::BatchResults;
use crate::run::Call;
use jiff::Timestamp;
use std::sync::Arc;

/// The macro by which a project writes the strategy itself.
const STRATEGY: &str = "get_incremental_microbatch_sql";

/// Whether microbatch models are built in batches. A project with a strategy of its own has to ask for it.
pub fn builds_in_batches(engine: &Engine, root_package: &str, flags: &Flags) -> bool {
    let flag = "require_batched_execution_for_custom_microbatch_strategy";
    let own_strategy = engine.registry().qualified(root_package, STRATEGY);
    own_strategy.is_none() || flags.behaviour(flag)
}

/// Whether a node is built in batches.
pub(super) fn is_batched(world: &World, node: &Node) -> bool {
    node.resource == Resource::Model
        && node.materialized() == "incremental"
        && node.is_microbatch()
        && builds_in_batches(&world.engine, world.graph.root_package(), &world.flags)
}

/// The batches of a model in this call. Those that failed in an earlier call are all that is left
/// of it when that call is made up for.
pub(super) fn of(call: &Call<'_>, node: &Node, session: &SessionHandle) -> Vec<Arc<Batch>> {
    let size = size(node);
    let earlier = call.earlier_batches.get(&node.unique_id);
    let has_table = match earlier {
        Some(earlier) if !earlier.successful.is_empty() => true,
        _ => !starts_anew(call, node, session),
    };
    let windows = match earlier {
        Some(earlier) if !earlier.failed.is_empty() => earlier.failed.clone(),
        _ => size.batches(whole_window(call, node, has_table)),
    };
    let last = windows.len().saturating_sub(1);
    let batches = windows.into_iter().enumerate().map(|(number, window)| {
        let onto = match number == 0 && !has_table {
            true => Onto::Nothing,
            false => Onto::Table,
        };
        Arc::new(Batch {
            window,
            size,
            onto,
            is_first: number == 0,
            is_last: number == last,
        })
    });
    batches.collect()
}

/// What the batches of a call come to, together with what an earlier call has done.
pub(super) fn with_earlier(
    call: &Call<'_>,
    node: &Node,
    mut results: BatchResults,
) -> BatchResults {
    if let Some(earlier) = call.earlier_batches.get(&node.unique_id) {
        let mut successful = earlier.successful.clone();
        successful.append(&mut results.successful);
        results.successful = successful;
    }
    results
}

/// From the first batch to the last: what the call was asked for, else the sample, else everything
/// since `begin` or, where there is a table, the current batch and those before it that are looked
/// at again.
fn whole_window(call: &Call<'_>, node: &Node, has_table: bool) -> Window {
    let size = size(node);
    let asked = call.world.flags.event_time.or(call.world.sample);
    let end = size.ceiling(asked.map_or(call.context.started_at, |window| window.end));
    let start = match asked {
        Some(window) => size.floor(window.start),
        None if has_table => size.step(end, -(lookback(node) + 1)),
        None => size.floor(begin(node).unwrap_or(end)),
    };
    Window { start, end }
}

/// Whether the model's table is made new: on a full refresh, or because there is none.
fn starts_anew(call: &Call<'_>, node: &Node, session: &SessionHandle) -> bool {
    let refresh = node.config.full_refresh();
    if refresh.unwrap_or(call.world.flags.full_refresh) {
        return true;
    }
    let wanted = call.world.relation(node);
    let found = find(&wanted, session);
    found.is_none_or(|found| found.kind != Some(RelationKind::Table))
}

/// What the warehouse holds under a name; a warehouse that cannot be asked says so when the batch runs.
fn find(wanted: &Relation, session: &SessionHandle) -> Option<Relation> {
    let mut session = compile::lock(session);
    let (database, schema) = (wanted.database.clone()?, wanted.schema.clone()?);
    let cache = session.shared().cache.clone();
    if !cache.knows(&database, &schema) {
        session
            .fill_cache(&database, std::slice::from_ref(&schema))
            .ok()?;
    }
    cache.get(&database, &schema, wanted.name())
}

/// `parse` has refused models without a size, or with one that is unknown.
fn size(node: &Node) -> BatchSize {
    let name = node.config.text("batch_size").unwrap_or_default();
    BatchSize::named(name).unwrap_or(BatchSize::Day)
}

fn begin(node: &Node) -> Option<Timestamp> {
    window::moment(node.config.text("begin")?)
}

fn lookback(node: &Node) -> i64 {
    let lookback = node.config.get("lookback");
    lookback.and_then(serde_json::Value::as_i64).unwrap_or(1)
}
