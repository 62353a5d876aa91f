//! Packages that a project asks for: what is declared, what that resolves to, and its installation.
//! Promise: an installation is complete or leaves everything as it was; twice is the same as once.

mod addition;
mod choose;
mod fetch;
mod git;
mod hash;
mod http;
mod hub;
mod install;
mod lock;
mod names;
mod repository;
mod resolve;
mod spec;
#[cfg(test)]
mod tests;

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::project;
use crate::project::Options;
use crate::project::render::Renderer;
use choose::Compatibility;
use http::Client;
use hub::Hub;
use resolve::Home;
use resolve::Resolved;
use std::sync::Arc;

pub use addition::Addition;
pub use repository::Provider;
pub use spec::Declared;
pub use spec::Origin;
pub use spec::Spec;
pub(super) use spec::declared;

/// How far `deps` goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// Installs what the lock file says, as long as it fits `packages.yml`.
    #[default]
    Install,
    /// Resolves again, then installs.
    Upgrade,
    /// Writes the lock file and installs nothing.
    LockOnly,
}

/// Does the work of `deps`. `None` when it could not; the bag then says why.
pub fn deps(
    options: &Options,
    context: &Arc<Context>,
    extent: Extent,
    addition: Option<&Addition>,
    observer: &dyn Observer,
    bag: &Bag,
) -> Option<()> {
    let settings = project::load_settings(options, context, bag)?;
    if let Some(addition) = addition {
        addition.write(&options.project_dir, observer, bag)?;
    }
    let renderer = Renderer::with_secrets(context, &options.vars);
    let declared = spec::declared_in(&options.project_dir, &renderer, bag)?;
    if bag.has_errors() {
        return None;
    }
    if declared.specs.is_empty() {
        let message = "Warning: No packages were found in packages.yml";
        observer.on(&Event::info("DepsNoPackagesFound", message));
    }
    let client = Client::new(context);
    let hub = Hub::new(&client, context.var(Hub::variable()));
    let home = Home {
        folder: &options.project_dir,
        name: &settings.name,
        renderer: &renderer,
        user_home: context.home.as_deref(),
        client: &client,
        hub: &hub,
        compatibility: match options.version_check {
            true => Compatibility::Needed,
            false => Compatibility::Ignored,
        },
    };
    let resolved = resolved(&home, &declared.specs, extent, observer, bag)?;
    if extent == Extent::LockOnly {
        return Some(());
    }
    let folder = options.project_dir.join(&settings.packages_install_path);
    install::all(resolved, &folder, &home, observer, bag)
}

/// What the lock file says where it may be used, else what the entries come to; that is locked.
fn resolved(
    home: &Home<'_>,
    specs: &[Spec],
    extent: Extent,
    observer: &dyn Observer,
    bag: &Bag,
) -> Option<Vec<Resolved>> {
    let hash = hash::of_specs(specs);
    let locked = match extent {
        Extent::Install => lock::read(home.folder, &hash, home.renderer),
        Extent::Upgrade | Extent::LockOnly => None,
    };
    if let Some(locked) = locked {
        return resolve::locked(home, &locked, bag);
    }
    tell_unpinned(specs, bag);
    let resolved = resolve::declared(home, specs, bag)?;
    if !resolved.is_empty() || lock::exists(home.folder) {
        lock::write(home.folder, &resolved, &hash, observer, bag)?;
    }
    Some(resolved)
}

/// Repositories of which tomorrow's call may get another commit.
fn tell_unpinned(specs: &[Spec], bag: &Bag) {
    for spec in specs.iter().filter(|spec| spec.warns_unpinned()) {
        let Some(repository) = spec.origin.repository() else {
            continue;
        };
        let how = match repository.revision {
            None | Some("HEAD") => "not pinned, using HEAD (default branch)".to_string(),
            Some(branch @ ("main" | "master")) => format!("pinned to the \"{branch}\" branch"),
            Some(_) => continue,
        };
        let message = format!("The git package \"{}\" is {how}", repository.shown);
        bag.add(
            Diagnostic::warning("package-unpinned", message)
                .at(spec.place.clone())
                .hint(
                    "this can introduce breaking changes into your project without warning; \
                     give a tag or a commit as `revision`, or set `warn-unpinned: false`",
                )
                .event("DepsUnpinned"),
        );
    }
}
