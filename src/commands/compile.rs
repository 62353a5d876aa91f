//! `compile`: final SQL of the selected nodes, or of a query given with `--inline`.

use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::commands::tell;
use crate::config::flags::OutputForm;
use crate::plan;
use crate::plan::Purpose;
use crate::report::say;
use crate::run;
use crate::run::prepare;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let loaded = load::project(desk)?;
    let selected = loaded.select(desk)?;
    let plan = plan::build(&loaded.graph, &selected, Purpose::Compile);
    if selected.is_empty() {
        tell(desk, &say::nothing_to_do());
    }
    let opened = loaded.open(desk, &selected)?;
    let call = opened.call_ahead(desk, &plan)?;
    tell(
        desk,
        &say::concurrency(opened.threads, &opened.target_name, plan.results),
    );
    prepare::look(&call, &call.session("master")).map_err(|found| desk.stop(*found))?;
    let outcome = run::execute(&call, &plan);
    if desk.flags.inline.is_some() || !desk.flags.select.is_empty() {
        let form = desk.flags.output.unwrap_or(OutputForm::Text);
        for result in outcome
            .results
            .iter()
            .filter(|result| load::is_asked_for(desk, result))
        {
            if let Some(code) = &result.compiled_code {
                tell(
                    desk,
                    &say::compiled(load::subject(&opened.world, result), code, form),
                );
            }
        }
    }
    opened.records.results(desk, &opened.world, &outcome)?;
    desk.check_nodes(&outcome)?;
    Ok(Ended::Well)
}
