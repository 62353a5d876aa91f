//! `package-lock.yml`: what the last resolution came to, so that the next installation is the same.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Event;
use crate::base::Observer;
use crate::base::SourceFile;
use crate::base::fs;
use crate::config::yaml;
use crate::config::yaml::Yaml;
use crate::project::packages::resolve::Content;
use crate::project::packages::resolve::Resolved;
use crate::project::packages::spec;
use crate::project::packages::spec::Spec;
use crate::project::render::Renderer;
use std::path::Path;

const NAME: &str = "package-lock.yml";

/// Keys of an entry that are locked as they are.
const KEPT_KEYS: [&str; 8] = [
    "git",
    "local",
    "package",
    "private",
    "provider",
    "sha1",
    "subdirectory",
    "tarball",
];

pub(super) fn exists(project: &Path) -> bool {
    fs::exists(&project.join(NAME))
}

/// The locked entries. `None` where there is no lock file, or one that does not fit any more;
/// it is written anew then, so a broken one is no mistake.
pub(super) fn read(project: &Path, hash: &str, renderer: &Renderer) -> Option<Vec<Spec>> {
    let path = project.join(NAME);
    let text = fs::read_text(&path, "lock file").ok()?;
    let ignored = Bag::new();
    let lock = yaml::parse(&SourceFile::new(NAME, path, text), &ignored)?;
    if lock.get("sha1_hash").and_then(Yaml::as_text) != Some(hash) {
        return None;
    }
    let specs = spec::locked(&lock, renderer, &ignored);
    (!ignored.has_errors()).then_some(specs)
}

pub(super) fn write(
    project: &Path,
    resolved: &[Resolved],
    hash: &str,
    observer: &dyn Observer,
    bag: &Bag,
) -> Option<()> {
    let path = project.join(NAME);
    let mut text = match resolved.is_empty() {
        true => "packages: []\n".to_string(),
        false => "packages:\n".to_string(),
    };
    for package in resolved {
        text.push_str(&entry(package));
    }
    text.push_str(&format!("sha1_hash: {hash}\n"));
    let message = format!("Updating lock file in file path: {}", path.display());
    observer.on(&Event::info("DepsLockUpdating", message));
    match fs::write_atomic(&path, text.as_bytes(), "lock file") {
        Ok(()) => Some(()),
        Err(error) => {
            bag.add(Diagnostic::error("unwritable-file", error.to_string()));
            None
        }
    }
}

/// The keys of an entry stand in the order of the alphabet. An address is written the way the user
/// wrote it, so that a token in a variable does not get into the file.
fn entry(package: &Resolved) -> String {
    let spec = &package.spec;
    let value = |key: &str| {
        let values = match key {
            "git" | "private" | "tarball" => &spec.unrendered,
            _ => &spec.rendered,
        };
        values.get(key)?.as_str().map(yaml::scalar_source)
    };
    let mut keys = vec![("name", yaml::scalar_source(&package.name))];
    for key in KEPT_KEYS {
        keys.extend(value(key).map(|value| (key, value)));
    }
    match &package.content {
        Content::Release { number, .. } => keys.push(("version", yaml::scalar_source(number))),
        Content::Checkout { repository, .. } => {
            keys.push(("revision", yaml::scalar_source(&repository.commit)));
        }
        Content::Unpacked(_) | Content::Folder(_) => {}
    }
    keys.sort_unstable();
    let lines: Vec<String> = keys
        .iter()
        .map(|(key, value)| format!("{key}: {value}\n"))
        .collect();
    format!("  - {}", lines.join("    "))
}
