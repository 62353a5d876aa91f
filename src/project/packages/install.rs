//! Puts resolved packages where the project looks for them.
//! Promise: the folder is made anew beside the old one and then takes its place.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::base::fs;
use crate::project::packages::resolve::Content;
use crate::project::packages::resolve::Resolved;
use crate::project::packages::spec::Origin;
use std::path::Path;

/// Replaces the install folder by one with exactly these packages.
pub(super) fn all(
    packages: Vec<Resolved>,
    folder: &Path,
    observer: &dyn Observer,
    bag: &Bag,
) -> Option<()> {
    match replaced(packages, folder, observer) {
        Ok(()) => Some(()),
        Err(error) => {
            bag.add(
                Diagnostic::error("package-install", error.to_string())
                    .hint("the packages that were installed before are still in place"),
            );
            None
        }
    }
}

fn replaced(packages: Vec<Resolved>, folder: &Path, observer: &dyn Observer) -> fs::Result<()> {
    let folder = fs::canonical(folder);
    let beside = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir(beside, "folder of packages")?;
    let temporary = fs::temporary_folder(beside, "packages")?;
    let fresh = temporary.path().join("new");
    fs::create_dir(&fresh, "folder of packages")?;
    for package in packages {
        put(package, &fresh, observer)?;
    }
    let old = temporary.path().join("old");
    if fs::exists(&folder) {
        fs::rename(&folder, &old, "the installed packages")?;
    }
    fs::rename(&fresh, &folder, "the installed packages").inspect_err(|_| {
        // What was there before comes back; the first failure is the one to tell.
        fs::rename(&old, &folder, "the installed packages").unwrap_or_default();
    })
}

fn put(package: Resolved, fresh: &Path, observer: &dyn Observer) -> fs::Result<()> {
    let (shown, from) = match &package.spec.origin {
        Origin::Local { path } => (path.clone(), format!("<local @ {path}>")),
        Origin::Tarball { address, .. } => {
            (package.name.clone(), format!("tarball (url: {address})"))
        }
        _ => (package.name.clone(), package.name.clone()),
    };
    observer.on(&Event::info(
        "DepsStartPackageInstall",
        format!("Installing {shown}"),
    ));
    let place = fresh.join(&package.name);
    match &package.content {
        Content::Folder(folder) => {
            let linked = fs::link_folder(folder, &place, "package");
            if linked.is_err() {
                // Not every system has links, or lets everybody make them.
                fs::copy_folder(folder, &place, "package")?;
            }
        }
        Content::Unpacked(unpacked) => fs::copy_folder(&unpacked.folder, &place, "package")?,
    }
    observer.on(&Event::info(
        "DepsInstallInfo",
        format!("Installed from {from}"),
    ));
    Ok(())
}
