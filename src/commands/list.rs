//! `ls`: names of the selected nodes, in the form that was asked for.

use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::commands::tell;
use crate::compile::Deferral;
use crate::config::flags::OutputForm;
use crate::report::say;
use crate::select::listing;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let loaded = load::project(desk)?;
    let selected = loaded.select(desk)?;
    let form = desk.flags.output.unwrap_or(OutputForm::Selector);
    if selected.is_empty() {
        tell(desk, &say::no_nodes_selected());
    }
    for line in listing::lines(&loaded.graph, &selected, form, &desk.flags.output_keys) {
        tell(desk, &say::listed_line(line));
    }
    let (world, records) = loaded.close(desk, &selected, Deferral::default());
    records.manifest(desk, &world, None)?;
    Ok(Ended::Well)
}
