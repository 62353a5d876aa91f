//! `parse`: reads the project and writes the manifest; no connection is opened.

use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load;
use crate::compile::Deferral;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let (world, records) = load::project(desk)?.close(desk, &[], Deferral::default());
    records.manifest(desk, &world, None)?;
    Ok(Ended::Well)
}
