//! Packages that a project asks for: what is declared, what that resolves to, and its installation.
//! Promise: an installation is complete or leaves everything as it was; twice is the same as once.

mod addition;
mod fetch;
mod hash;
mod install;
mod lock;
mod resolve;
mod spec;
#[cfg(test)]
mod tests;

use crate::base::Bag;
use crate::base::Context;
use crate::base::Event;
use crate::base::Observer;
use crate::project;
use crate::project::Options;
use crate::project::render::Renderer;
use std::sync::Arc;

pub use addition::Addition;
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
    let home = resolve::Home {
        folder: &options.project_dir,
        name: &settings.name,
        renderer: &renderer,
        user_home: context.home.as_deref(),
    };
    let hash = hash::of_specs(&declared.specs);
    let locked = match extent {
        Extent::Install => lock::read(&options.project_dir, &hash),
        Extent::Upgrade | Extent::LockOnly => None,
    };
    let resolved = match locked {
        Some(specs) => resolve::locked(&home, &specs, bag)?,
        None => {
            let resolved = resolve::declared(&home, &declared.specs, bag)?;
            if !resolved.is_empty() || lock::exists(&options.project_dir) {
                lock::write(&options.project_dir, &resolved, &hash, observer, bag)?;
            }
            resolved
        }
    };
    if extent == Extent::LockOnly {
        return Some(());
    }
    let folder = options.project_dir.join(&settings.packages_install_path);
    install::all(resolved, &folder, observer, bag)
}
