//! `clone`: the selected nodes are copied from the environment that `--state` describes.

use crate::base::Event;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::commands::tell;
use crate::plan;
use crate::plan::Purpose;
use crate::report::say;
use crate::run;
use crate::run::Outcome;
use crate::run::prepare;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let loaded = load::project(desk)?;
    let selected = loaded.select(desk)?;
    let plan = plan::build(&loaded.graph, &selected, Purpose::Clone);
    let opened = loaded.open(desk, &selected)?;
    let call = opened.call(desk);
    if plan.results == 0 {
        tell(desk, &say::nothing_to_do());
        let nothing = Outcome::default();
        opened.records.results(desk, &opened.world, &nothing)?;
        return Ok(Ended::Well);
    }
    tell(
        desk,
        &say::concurrency(opened.threads, &opened.target_name, plan.results),
    );
    let session = call.session("master");
    prepare::prepare(&call, &plan, &session).map_err(|found| desk.stop(*found))?;
    let outcome = run::execute(&call, &plan);
    let ended = Event::RunEnded {
        elapsed: outcome.elapsed,
        interrupted: outcome.interrupted,
    };
    tell(desk, &ended);
    opened.records.results(desk, &opened.world, &outcome)?;
    Ok(match outcome.has_failures() {
        true => Ended::WithFailures,
        false => Ended::Well,
    })
}
