//! `run`, `test`, `build`, `seed`, `snapshot`: the selected nodes are planned and carried out.

use crate::base::Event;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::commands::tell;
use crate::config::flags::Command;
use crate::graph::Graph;
use crate::graph::Index;
use crate::node::Node;
use crate::plan;
use crate::plan::Plan;
use crate::plan::Purpose;
use crate::plan::TestEdges;
use crate::report::say;
use crate::run;
use crate::run::Call;
use crate::run::NodeResult;
use crate::run::Outcome;
use crate::run::hooks;
use crate::run::prepare;
use crate::run::preview;
use std::sync::Arc;
use std::time::Instant;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let loaded = load::project(desk)?;
    let selected = loaded.select(desk)?;
    let tests = if desk.flags.command == Command::Build {
        TestEdges::Hold
    } else {
        TestEdges::Ignore
    };
    let plan = plan::build(&loaded.graph, &selected, Purpose::Build(tests));
    // An ephemeral model has no result, but a call that is about one still runs the hooks.
    let has_ephemeral = has_ephemeral(&loaded.graph, &selected);
    let opened = loaded.open(desk, &selected)?;
    if plan.results == 0 && !has_ephemeral {
        tell(desk, &say::nothing_to_do());
        opened
            .records
            .results(desk, &opened.world, &Outcome::default())?;
        return Ok(Ended::Well);
    }
    tell(
        desk,
        &say::concurrency(opened.threads, &opened.target_name, plan.results),
    );
    let call = opened.call_ahead(desk, &plan)?;
    let outcome = carry_out(desk, &call, &plan)?;
    // A warehouse may write much when it is closed, meanwhile the records are written.
    std::thread::scope(|threads| {
        threads.spawn(|| opened.warehouse.adapter.close());
        opened.records.results(desk, &opened.world, &outcome)
    })?;
    Ok(if outcome.has_failures() {
        Ended::WithFailures
    } else {
        Ended::Well
    })
}

fn has_ephemeral(graph: &Graph, selected: &[Index]) -> bool {
    let mut nodes = selected.iter().map(|index| graph.node(*index));
    nodes.any(Node::is_ephemeral)
}

/// How many rows of a seed `--show` shows.
const SEED_ROWS: usize = 10;

/// Schemas, hooks, steps, hooks.
fn carry_out(desk: &Desk, call: &Call<'_>, plan: &Plan) -> Result<Outcome, Told> {
    let started = Instant::now();
    let session = call.session("master");
    prepare::prepare(call, plan, &session).map_err(|found| desk.stop(*found))?;
    let mut results = hooks::run(call, "on-run-start", &[], &session);
    let is_blocked = results.iter().any(|result| result.end.status.is_failure())
        && desk.flags.behaviour("skip_nodes_if_on_run_start_fails");
    let mut outcome = if is_blocked {
        run::skip_all(call, plan)
    } else {
        run::execute(call, plan)
    };
    results.append(&mut outcome.results);
    let names = hooks::end_names(call, &results);
    results.extend(hooks::run(call, "on-run-end", &names, &session));
    if desk.flags.show {
        show_seeds(desk, call, &results);
    }
    let outcome = Outcome {
        results,
        elapsed: started.elapsed(),
        ..outcome
    };
    tell(
        desk,
        &Event::RunEnded {
            elapsed: outcome.elapsed,
            interrupted: outcome.interrupted,
        },
    );
    Ok(outcome)
}

/// `seed --show`: the first rows of each seed that was loaded.
fn show_seeds(desk: &Desk, call: &Call<'_>, results: &[NodeResult]) {
    for result in results {
        let node = &result.end.node;
        let loaded = node.resource_type == "seed" && !result.end.status.is_failure();
        if let Some(relation) = result.relation_name.as_ref().filter(|_| loaded) {
            let query: Arc<str> = format!("select * from {relation}").into();
            let name = format!("{}.{}", node.schema, node.alias);
            match preview::rows(call, result, &query, Some(SEED_ROWS)) {
                Ok(found) => tell(desk, &say::seed_rows(&name, &found.rows)),
                Err(found) => drop(desk.stop(*found)),
            }
        }
    }
}
