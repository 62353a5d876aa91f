//! `deps`: installs the packages that the project asks for.

use crate::base::Bag;
use crate::commands::Ended;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::project::Options;
use crate::project::packages;
use crate::project::packages::Addition;
use crate::project::packages::Extent;

pub(super) fn run(desk: &Desk) -> Result<Ended, Told> {
    let flags = &desk.flags;
    let extent = match (flags.lock_only, flags.upgrade) {
        (true, _) => Extent::LockOnly,
        (false, true) => Extent::Upgrade,
        (false, false) => Extent::Install,
    };
    let addition = match &flags.add_package {
        Some(given) => Some(
            Addition::parse(given, &flags.package_source)
                .map_err(|wrong| desk.fail("wrong-flag", format!("--add-package: {wrong}")))?,
        ),
        None => None,
    };
    let (options, bag) = (Options::from_flags(flags), Bag::new());
    let observer = &*desk.observer;
    let done = packages::deps(
        &options,
        &desk.context,
        extent,
        addition.as_ref(),
        observer,
        &bag,
    );
    desk.tell(&bag)?;
    done.map(|()| Ended::Well).ok_or(Told)
}
