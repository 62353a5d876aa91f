//! `source freshness`: how old the rows of the selected sources are.

use crate::artifacts::Sources;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::commands::tell;
use crate::plan;
use crate::plan::Plan;
use crate::plan::Purpose;
use crate::report::say;
use crate::run;
use crate::run::Call;
use crate::run::Outcome;
use crate::run::hooks;
use crate::run::prepare;
use std::time::Instant;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    if let Some(path) = &desk.flags.output_path {
        desk.check(vec![own_output(path)])?;
    }
    let loaded = load::project(desk)?;
    let selected = loaded.select(desk)?;
    let plan = plan::build(&loaded.graph, &selected, Purpose::Freshness);
    let opened = loaded.open(desk, &selected)?;
    let outcome = if plan.results == 0 {
        tell(desk, &say::nothing_to_do());
        Outcome::default()
    } else {
        tell(
            desk,
            &say::concurrency(opened.threads, &opened.target_name, plan.results),
        );
        look(desk, &opened.call(desk), &plan)?
    };
    tell(
        desk,
        &Event::RunEnded {
            elapsed: outcome.elapsed,
            interrupted: outcome.interrupted,
        },
    );
    let sources = Sources {
        about: &opened.records.about,
        graph: &opened.world.graph,
        outcome: &outcome,
    };
    opened
        .records
        .manifest(desk, &opened.world, Some(&outcome))?;
    opened.records.sources(desk, &sources)?;
    Ok(match outcome.has_failures() {
        true => Ended::WithFailures,
        false => Ended::Well,
    })
}

/// Hooks, looks, hooks.
fn look(desk: &Desk, call: &Call<'_>, plan: &Plan) -> Result<Outcome, Told> {
    let started = Instant::now();
    let session = call.session("master");
    let with_hooks = desk.flags.behaviour("source_freshness_run_project_hooks");
    let hooks = |event, names: &[_]| match with_hooks {
        true => hooks::run(call, event, names, &session),
        false => Vec::new(),
    };
    prepare::look(call, &session).map_err(|found| desk.stop(*found))?;
    let mut results = hooks("on-run-start", &[]);
    let mut outcome = run::execute(call, plan);
    results.append(&mut outcome.results);
    let names = hooks::end_names(call, &results);
    results.extend(hooks("on-run-end", &names));
    Ok(Outcome {
        results,
        elapsed: started.elapsed(),
        ..outcome
    })
}

fn own_output(path: &str) -> Diagnostic {
    let message = format!(
        "Custom output path usage `--output {path}` usage detected in `dbt source freshness` command."
    );
    Diagnostic::warning("old-spelling", message)
        .event("CustomOutputPathInSourceFreshnessDeprecation")
}
