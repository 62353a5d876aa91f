//! From entries to packages that are there: each fetched as far as its own name and entries,
//! and those of its own entries too.
//! Promise: of one place there is one package, and no two have the same name.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::fs;
use crate::config::yaml::Yaml;
use crate::project::packages::fetch;
use crate::project::packages::spec;
use crate::project::packages::spec::Origin;
use crate::project::packages::spec::Spec;
use crate::project::project_file;
use crate::project::render::Renderer;
use std::collections::VecDeque;
use std::path::Path;
use std::path::PathBuf;

/// The project that packages are resolved for.
pub(super) struct Home<'a> {
    pub(super) folder: &'a Path,
    pub(super) name: &'a str,
    pub(super) renderer: &'a Renderer,
    /// What `~` stands for.
    pub(super) user_home: Option<&'a Path>,
}

/// A package that is ready to be installed.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) name: String,
    pub(super) spec: Spec,
    pub(super) content: Content,
}

/// Where the files of a package are now.
#[derive(Debug)]
pub(super) enum Content {
    /// In a folder that stays there.
    Folder(PathBuf),
    /// In a folder of our own that goes away with this value.
    Unpacked(fetch::Unpacked),
}

impl Content {
    pub(super) fn folder(&self) -> &Path {
        match self {
            Content::Folder(folder) => folder,
            Content::Unpacked(unpacked) => &unpacked.folder,
        }
    }
}

/// Everything that entries ask for, themselves and through the packages they name.
pub(super) fn declared(home: &Home<'_>, specs: &[Spec], bag: &Bag) -> Option<Vec<Resolved>> {
    let mut waiting: VecDeque<Spec> = specs.iter().cloned().collect();
    let mut resolved: Vec<Resolved> = Vec::new();
    while let Some(spec) = waiting.pop_front() {
        if resolved
            .iter()
            .any(|known| known.spec.origin == spec.origin)
        {
            continue;
        }
        let package = one(home, spec, bag)?;
        check_name(home, &package, &resolved, bag)?;
        let own = spec::declared_in(package.content.folder(), home.renderer, bag)?;
        waiting.extend(own.specs);
        resolved.push(package);
    }
    Some(resolved)
}

/// What a lock file lists: complete as it is.
pub(super) fn locked(home: &Home<'_>, specs: &[Spec], bag: &Bag) -> Option<Vec<Resolved>> {
    specs
        .iter()
        .map(|spec| one(home, spec.clone(), bag))
        .collect()
}

fn one(home: &Home<'_>, spec: Spec, bag: &Bag) -> Option<Resolved> {
    let content = match &spec.origin {
        Origin::Local { path } => Content::Folder(local_folder(home, path)),
        Origin::Tarball { address, .. } => match fetch::tarball(home.folder, address) {
            Ok(unpacked) => Content::Unpacked(unpacked),
            Err(wrong) => {
                bag.add(wrong.at(spec.place.clone()));
                return None;
            }
        },
        other => {
            bag.add(not_yet(other).at(spec.place.clone()));
            return None;
        }
    };
    let name = name_of(content.folder(), &spec, bag)?;
    Some(Resolved {
        name,
        spec,
        content,
    })
}

fn local_folder(home: &Home<'_>, path: &str) -> PathBuf {
    let expanded = match (path.strip_prefix("~/"), home.user_home) {
        (Some(rest), Some(user_home)) => user_home.join(rest),
        _ => home.folder.join(path),
    };
    fs::canonical(&expanded)
}

/// The name in the package's own project file.
fn name_of(folder: &Path, spec: &Spec, bag: &Bag) -> Option<String> {
    if !fs::exists(&folder.join("dbt_project.yml")) {
        bag.add(
            Diagnostic::error(
                "no-project",
                format!(
                    "No dbt_project.yml found at expected path {}",
                    folder.join("dbt_project.yml").display()
                ),
            )
            .at(spec.place.clone())
            .hint("each package, and each package it asks for, is a folder with a dbt_project.yml"),
        );
        return None;
    }
    let prefix = format!("{}/", folder.display());
    let project = project_file(folder, &prefix, bag)?;
    let name = project.get("name").and_then(Yaml::as_text);
    if name.is_none() {
        bag.add(
            Diagnostic::error("project-name", "the package has no name")
                .at(project.place())
                .hint("add a line `name: my_package`"),
        );
    }
    name.map(str::to_string)
}

fn check_name(home: &Home<'_>, package: &Resolved, others: &[Resolved], bag: &Bag) -> Option<()> {
    const CODE: &str = "duplicate-package";
    let name = &package.name;
    if name == home.name {
        bag.add(
            Diagnostic::error(
                CODE,
                format!("Found a dependency with the same name as the root project \"{name}\". Package names must be unique in a project"),
            )
            .at(package.spec.place.clone())
            .hint("rename one of these packages"),
        );
        return None;
    }
    if let Some(twin) = others.iter().find(|other| other.name == *name) {
        bag.add(
            Diagnostic::error(
                CODE,
                format!("Found duplicate project \"{name}\". This occurs when a dependency has the same project name as some other dependency"),
            )
            .at(package.spec.place.clone())
            .related(twin.spec.place.clone(), "the other one")
            .hint("keep one of the two"),
        );
        return None;
    }
    Some(())
}

fn not_yet(origin: &Origin) -> Diagnostic {
    let (what, address) = match origin {
        Origin::Hub { package, .. } => ("from the package hub", package),
        Origin::Git { address, .. } => ("from a git repository", address),
        Origin::Private { address } => ("behind an account", address),
        Origin::Local { path } => ("in a folder", path),
        Origin::Tarball { address, .. } => ("in a tarball", address),
    };
    Diagnostic::error(
        "package-origin",
        format!("`{address}` is a package {what}, which sqlmill cannot fetch yet"),
    )
    .hint("download it, and name its folder with `local:` or its archive with `tarball:`")
}
