//! `docs generate`: the manifest with all final SQL, and the catalog of what the warehouse holds.

use crate::artifacts::Catalog;
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
use crate::run::catalog;
use crate::run::catalog::Description;
use crate::run::prepare;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let loaded = load::project(desk)?;
    let selected = loaded.select(desk)?;
    let plan = plan::build(&loaded.graph, &selected, Purpose::Compile);
    let opened = loaded.open(desk, &selected)?;
    let call = opened.call_ahead(desk, &plan)?;
    let session = call.session("generate_catalog");
    let mut outcome = Outcome::default();
    if desk.flags.compile {
        tell(
            desk,
            &say::concurrency(opened.threads, &opened.target_name, plan.results),
        );
        prepare::look(&call, &session).map_err(|found| desk.stop(*found))?;
        outcome = run::execute(&call, &plan);
    }
    if desk.flags.compile {
        opened.records.results(desk, &opened.world, &outcome)?;
    } else if desk.flags.static_page {
        // A page of one file holds the manifest; without --static the one of an earlier call stays.
        opened.records.manifest(desk, &opened.world, None)?;
    }
    opened.records.assets(desk)?;
    desk.check_nodes(&outcome)?;
    let found = if desk.flags.empty_catalog {
        Description::default()
    } else {
        tell(desk, &say::building_catalog());
        catalog::describe(&call, &session)
    };
    let tables: Vec<_> = found.tables.iter().map(|table| (**table).clone()).collect();
    let is_part = !desk.flags.select.is_empty() || !desk.flags.exclude.is_empty();
    let catalog = Catalog {
        only: is_part.then_some(opened.world.selected.as_slice()),
        about: &opened.records.about,
        graph: &opened.world.graph,
        tables: &tables,
        errors: &found.errors,
    };
    opened.records.catalog(desk, &catalog)?;
    opened.records.pages(desk)?;
    for error in &found.errors {
        desk.fail("catalog", error);
    }
    Ok(if found.errors.is_empty() {
        Ended::Well
    } else {
        Ended::WithFailures
    })
}
