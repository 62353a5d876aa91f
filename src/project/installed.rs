//! Packages that `deps` has installed, as far as their settings.
//! Promise: a package that is declared and not there, and two of one name, are told.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::fs;
use crate::config::ProjectSettings;
use crate::project::Options;
use crate::project::files::Home;
use crate::project::packages::Declared;
use crate::project::project_file;
use crate::project::read_settings;
use crate::project::render::Renderer;

/// The packages below the project's install folder, in the order of their names.
pub(super) fn find(
    root: &ProjectSettings,
    declared: &Declared,
    renderer: &Renderer,
    options: &Options,
    bag: &Bag,
) -> Vec<Home> {
    let folder = &root.packages_install_path;
    let names = match fs::names_in(&options.project_dir.join(folder), "installed packages") {
        Ok(names) => names,
        Err(error) => {
            bag.add(Diagnostic::error("unreadable-file", error.to_string()));
            return Vec::new();
        }
    };
    let mut homes: Vec<Home> = names
        .iter()
        .filter(|name| !name.starts_with("__"))
        .filter_map(|name| {
            let home = options.project_dir.join(folder).join(name);
            let shown_prefix = format!("{folder}/{name}/");
            if !fs::exists(&home.join("dbt_project.yml")) {
                return None;
            }
            let raw = project_file(&home, &shown_prefix, bag)?;
            Some(Home {
                settings: read_settings(&raw, renderer, options, bag)?,
                root: home,
                shown_prefix,
            })
        })
        .collect();
    tell_missing(declared, homes.len(), folder, bag);
    homes.sort_by(|a, b| a.settings.name.cmp(&b.settings.name));
    tell_twins(root, &homes, bag);
    homes
}

/// Fewer folders than entries mean that `deps` was not run.
fn tell_missing(declared: &Declared, installed: usize, folder: &str, bag: &Bag) {
    let wanted = declared.specs.len();
    let Some(first) = declared.specs.first().filter(|_| wanted > installed) else {
        return;
    };
    let file = &first.place.file.shown;
    bag.add(
        Diagnostic::error(
            "missing-packages",
            format!(
                "dbt found {wanted} package(s) specified in {file}, but only {installed} package(s) installed in {folder}. \
                 Run \"dbt deps\" to install package dependencies."
            ),
        )
        .at(first.place.clone()),
    );
}

fn tell_twins(root: &ProjectSettings, homes: &[Home], bag: &Bag) {
    let all: Vec<&ProjectSettings> = std::iter::once(root)
        .chain(homes.iter().map(|home| &home.settings))
        .collect();
    for (at, settings) in all.iter().enumerate() {
        let Some(twin) = all[..at].iter().find(|other| other.name == settings.name) else {
            continue;
        };
        bag.add(
            Diagnostic::error(
                "duplicate-package",
                format!(
                    "dbt found more than one package with the name \"{}\" included in this project. Package names must be unique in a project",
                    settings.name
                ),
            )
            .at(Place::whole(&settings.file))
            .related(Place::whole(&twin.file), "the other one")
            .hint("rename one of them, or remove the one that is not needed"),
        );
    }
}
