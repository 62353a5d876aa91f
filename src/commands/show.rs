//! `show`: the first rows of a selected node, or of a query given with `--inline`.

use crate::adapter;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::commands::tell;
use crate::config::flags::OutputForm;
use crate::plan;
use crate::plan::Purpose;
use crate::report::say;
use crate::report::say::Subject;
use crate::run;
use crate::run::NodeResult;
use crate::run::prepare;
use crate::run::preview;
use std::sync::Arc;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    match &desk.flags.inline_direct {
        Some(sql) => direct(desk, sql),
        None => of_project(desk),
    }
}

fn of_project(desk: &Desk) -> Result<Ended, Told> {
    let flags = &desk.flags;
    if flags.select.is_empty() && flags.selector.is_none() && flags.inline.is_none() {
        let message = "Either --select or --inline must be passed to show";
        return Err(desk.fail("nothing-to-show", message));
    }
    let loaded = load::project(desk)?;
    let selected = loaded.select(desk)?;
    let plan = plan::build(&loaded.graph, &selected, Purpose::Preview);
    if selected.is_empty() {
        tell(desk, &say::nothing_to_do());
    }
    let opened = loaded.open(desk, &selected)?;
    let call = opened.call_ahead(desk, &plan)?;
    prepare::look(&call, &call.session("master")).map_err(|found| desk.stop(*found))?;
    let mut outcome = run::execute(&call, &plan);
    let form = desk.flags.output.unwrap_or(OutputForm::Text);
    let mut refused = Vec::new();
    for result in outcome
        .results
        .iter_mut()
        .filter(|result| load::is_asked_for(desk, result))
    {
        let Some(code) = shown_query(result) else {
            continue;
        };
        match preview::rows(&call, result, &code, desk.flags.limit) {
            Ok(found) => {
                let subject = load::subject(&opened.world, result);
                tell(desk, &say::preview(subject, &found.rows, form));
                if result.compiled_code.is_some() {
                    result.compiled_code = Some(found.sql);
                }
            }
            Err(found) => refused.push(*found),
        }
    }
    opened.records.results(desk, &opened.world, &outcome)?;
    desk.check_nodes(&outcome)?;
    desk.check(refused)?;
    Ok(Ended::Well)
}

/// What to ask for: the final SQL of a node, or the table of a seed that was loaded.
fn shown_query(result: &NodeResult) -> Option<Arc<str>> {
    let is_loaded = result.end.node.resource_type == "seed" && !result.end.status.is_failure();
    let of_seed = || {
        let relation = result.relation_name.as_ref().filter(|_| is_loaded)?;
        Some(format!("select * from {relation}").into())
    };
    result.compiled_code.clone().or_else(of_seed)
}

/// `--inline-direct`: the text goes to the warehouse as it is; the project's nodes are not read.
fn direct(desk: &Desk, sql: &str) -> Result<Ended, Told> {
    let (project, credentials) = load::settings(desk)?;
    let rows = adapter::open(&credentials, &project.root.root, &desk.context).and_then(|adapter| {
        adapter
            .connect("inline_query")?
            .fetch(sql, desk.flags.limit)
    });
    let (_, rows) = rows.map_err(|error| {
        let family = error.family.as_str();
        let headline =
            format!("{family} Error in sql_operation inline_query (from remote system.sql)");
        desk.stop(error.diagnostic().headline(headline))
    })?;
    let subject = Subject {
        name: "inline_query",
        unique_id: "direct-inline",
        inline: true,
    };
    let form = desk.flags.output.unwrap_or(OutputForm::Text);
    tell(desk, &say::preview(subject, &rows, form));
    Ok(Ended::Well)
}
