//! Puts resolved packages where the project looks for them.
//! Promise: the folder is made anew beside the old one and then takes its place, so that a failure
//! leaves what was there.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::base::event::Level;
use crate::base::fs;
use crate::project::packages::fetch;
use crate::project::packages::resolve::Content;
use crate::project::packages::resolve::Home;
use crate::project::packages::resolve::Resolved;
use crate::project::packages::spec::Origin;
use serde_json::json;
use std::path::Path;

/// Replaces the install folder by one with exactly these packages.
pub(super) fn all(
    packages: Vec<Resolved>,
    folder: &Path,
    home: &Home<'_>,
    observer: &dyn Observer,
    bag: &Bag,
) -> Option<()> {
    let installation = Installation {
        home,
        observer,
        bag,
    };
    match installation.replace(&packages, folder) {
        Ok(()) => {
            installation.tell_updates(&packages);
            Some(())
        }
        Err(wrong) => {
            bag.add(*wrong);
            None
        }
    }
}

struct Installation<'a> {
    home: &'a Home<'a>,
    observer: &'a dyn Observer,
    bag: &'a Bag,
}

impl Installation<'_> {
    fn replace(&self, packages: &[Resolved], folder: &Path) -> Result<(), Box<Diagnostic>> {
        let folder = fs::canonical(folder);
        let beside = folder.parent().unwrap_or(Path::new("."));
        fs::create_dir(beside, "folder of packages").map_err(unwritable)?;
        let temporary = fs::temporary_folder(beside, "packages").map_err(unwritable)?;
        let fresh = temporary.path().join("new");
        fs::create_dir(&fresh, "folder of packages").map_err(unwritable)?;
        for package in packages {
            self.put(package, &fresh)
                .map_err(|wrong| wrong.or_at(package.spec.place.clone()))?;
        }
        exchange(&fresh, &folder, &temporary.path().join("old")).map_err(unwritable)
    }

    fn put(&self, package: &Resolved, fresh: &Path) -> Result<(), Box<Diagnostic>> {
        let name = shown_name(package);
        let repository = package.spec.origin.repository();
        let below = repository.and_then(|repository| repository.subdirectory);
        let below = below.map_or(String::new(), |below| format!("/{below}"));
        self.say(
            "DepsStartPackageInstall",
            format!("Installing {name}{below}"),
        );
        let place = fresh.join(&package.name);
        match &package.content {
            Content::Folder(folder) => {
                let linked = fs::link_folder(folder, &place, "package");
                if linked.is_err() {
                    // Not every system has links, or lets everybody make them.
                    fs::copy_folder(folder, &place, "package").map_err(unwritable)?;
                }
            }
            Content::Unpacked(unpacked) => {
                fs::rename(&unpacked.folder, &place, "package").map_err(unwritable)?;
            }
            Content::Checkout { repository, folder } => {
                let git = repository.folder.path().join(".git");
                fs::remove(&git, "history of the repository").map_err(unwritable)?;
                fs::copy_folder(folder, &place, "package").map_err(unwritable)?;
            }
            Content::Release { tarball, sha1, .. } => {
                self.download(tarball, sha1.as_deref(), package, &place)?;
            }
        }
        self.tell_installed(package);
        Ok(())
    }

    fn download(
        &self,
        tarball: &str,
        sha1: Option<&str>,
        package: &Resolved,
        place: &Path,
    ) -> Result<(), Box<Diagnostic>> {
        let packed = fetch::tarball(self.home.client, self.home.folder, tarball)?;
        // The index keeps the sum of an archive that its host may pack anew, so this is no proof.
        if let Some(Err(found)) = sha1.map(|sum| packed.check(sum)) {
            let message = format!(
                "the archive of `{}` has the SHA-1 sum {found}, which is not the one in the package index",
                shown_name(package)
            );
            self.bag.add(
                Diagnostic::warning("package-checksum", message).at(package.spec.place.clone()),
            );
        }
        let unpacked = packed.unpack(self.home.folder)?;
        fs::rename(&unpacked.folder, place, "package").map_err(unwritable)
    }

    fn tell_installed(&self, package: &Resolved) {
        let from = match (&package.spec.origin, &package.content) {
            (Origin::Local { path }, _) => format!("<local @ {path}>"),
            (Origin::Tarball { address, .. }, _) => format!("tarball (url: {address})"),
            (_, Content::Release { number, .. }) => format!("version {number}"),
            (_, Content::Checkout { repository, .. }) => {
                format!("revision {}", repository.commit)
            }
            _ => package.name.clone(),
        };
        self.say("DepsInstallInfo", format!("Installed from {from}"));
        let repository = package.spec.origin.repository();
        if let Some(below) = repository.and_then(|repository| repository.subdirectory) {
            self.say("DepsListSubdirectory", format!("and subdirectory {below}"));
        }
        if let Content::Release { number, latest, .. } = &package.content {
            match number == latest {
                true => self.say("DepsUpToDate", "Up to date!".to_string()),
                false => {
                    let message = format!("Updated version available: {latest}");
                    self.say("DepsUpdateAvailable", message);
                }
            }
        }
    }

    fn tell_updates(&self, packages: &[Resolved]) {
        let is_behind = |package: &&Resolved| matches!(&package.content, Content::Release { number, latest, .. } if number != latest);
        let behind: Vec<&str> = packages.iter().filter(is_behind).map(shown_name).collect();
        if behind.is_empty() {
            return;
        }
        let quoted: Vec<String> = behind.iter().map(|name| format!("'{name}'")).collect();
        let message = format!(
            "Updates available for packages: [{}]\n\
             Update your versions in packages.yml, then run dbt deps",
            quoted.join(", ")
        );
        self.say("Formatting", String::new());
        let data = json!({ "packages": behind });
        let name = "DepsNotifyUpdatesAvailable";
        self.observer
            .on(&Event::with_data(name, Level::Info, message, data));
    }

    fn say(&self, name: &'static str, message: String) {
        self.observer.on(&Event::info(name, message));
    }
}

/// Puts the fresh folder in place of the one that is there.
fn exchange(fresh: &Path, folder: &Path, old: &Path) -> fs::Result<()> {
    if fs::exists(folder) {
        fs::rename(folder, old, "the installed packages")?;
    }
    fs::rename(fresh, folder, "the installed packages").inspect_err(|_| {
        // What was there before comes back; the first failure is the one to tell.
        fs::rename(old, folder, "the installed packages").unwrap_or_default();
    })
}

/// What a package is called in messages: its address, except for a tarball.
fn shown_name(package: &Resolved) -> &str {
    match &package.spec.origin {
        Origin::Local { path } => path,
        Origin::Hub { package, .. } => package,
        Origin::Git { address, .. } | Origin::Private { address, .. } => address,
        Origin::Tarball { .. } => &package.name,
    }
}

fn unwritable(error: fs::FileError) -> Box<Diagnostic> {
    Diagnostic::error("package-install", error.to_string())
        .hint("the packages that were installed before are still in place")
        .into()
}
