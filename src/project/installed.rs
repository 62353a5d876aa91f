//! Packages that `deps` has installed.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::fs;
use crate::config::ProjectSettings;
use crate::config::yaml;
use crate::config::yaml::Yaml;
use crate::project::Options;
use crate::project::Package;
use crate::project::package;
use crate::project::project_file;
use crate::project::render::Renderer;
use crate::project::settings_of;
use std::path::Path;
use walkdir::WalkDir;

/// All installed packages, in the order of their names; a package that is asked for and missing is told.
pub(super) fn packages(
    root: &Path,
    settings: &ProjectSettings,
    renderer: &Renderer<'_>,
    options: &Options,
    bag: &Bag,
) -> Vec<Package> {
    let folder = &settings.packages_install_path;
    let walk = WalkDir::new(root.join(folder))
        .min_depth(1)
        .max_depth(1)
        .follow_links(true)
        .sort_by_file_name();
    let homes = walk
        .into_iter()
        .flatten()
        .filter(|entry| entry.path().join("dbt_project.yml").exists());
    let mut packages: Vec<Package> = Vec::new();
    for home in homes {
        let prefix = format!("{folder}/{}/", home.file_name().to_string_lossy());
        let read = project_file(home.path(), &prefix, bag)
            .and_then(|raw| settings_of(&raw, renderer, bag));
        let Some(own) = read else { continue };
        if options.version_check {
            own.check_dbt_version(bag);
        }
        if own.name != settings.name {
            packages.push(package(home.path(), &prefix, own, bag));
        }
    }
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    tell_missing(root, settings, packages.len(), bag);
    packages
}

/// dbt counts: fewer folders than entries mean that `deps` was not run.
fn tell_missing(root: &Path, settings: &ProjectSettings, installed: usize, bag: &Bag) {
    for name in ["packages.yml", "dependencies.yml"] {
        let path = root.join(name);
        let Ok(text) = fs::read_text(&path, "packages") else {
            continue;
        };
        let file = SourceFile::new(name, &path, text);
        let Some(content) = yaml::parse(&file, bag) else {
            continue;
        };
        let wanted = content
            .get("packages")
            .and_then(Yaml::as_list)
            .map_or(0, <[Yaml]>::len);
        if wanted > installed {
            let message = format!(
                "dbt found {wanted} package(s) specified in {name}, but only {installed} package(s) installed in {}. \
                 Run \"dbt deps\" to install package dependencies.",
                settings.packages_install_path
            );
            let place = content
                .get("packages")
                .map_or_else(|| Place::whole(&file), Yaml::place);
            bag.add(Diagnostic::error("missing-packages", message).at(place));
        }
    }
}
