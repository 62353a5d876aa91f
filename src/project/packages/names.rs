//! Names of packages: each has one of its own.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::fs;
use crate::config::yaml::Yaml;
use crate::project::packages::resolve::Resolved;
use crate::project::packages::spec::Spec;
use crate::project::project_file;
use std::path::Path;

/// The name in the package's own project file.
pub(super) fn of(folder: &Path, spec: &Spec, bag: &Bag) -> Option<String> {
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

/// No two packages may have one name, and none that of the project.
pub(super) fn check(root: &str, packages: &[Resolved], bag: &Bag) -> Option<()> {
    const CODE: &str = "duplicate-package";
    for (at, package) in packages.iter().enumerate() {
        let name = &package.name;
        let place = package.spec.place.clone();
        if name == root {
            bag.add(
                Diagnostic::error(
                    CODE,
                    format!("Found a dependency with the same name as the root project \"{name}\". Package names must be unique in a project"),
                )
                .at(place)
                .hint("rename one of these packages"),
            );
            return None;
        }
        if let Some(twin) = packages[..at].iter().find(|other| other.name == *name) {
            bag.add(
                Diagnostic::error(
                    CODE,
                    format!("Found duplicate project \"{name}\". This occurs when a dependency has the same project name as some other dependency"),
                )
                .at(place)
                .related(twin.spec.place.clone(), "the other one")
                .hint("keep one of the two"),
            );
            return None;
        }
    }
    Some(())
}
