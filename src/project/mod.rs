//! Finds and reads a project: its file, its profile, its packages and all their files.
//! Promise: every file is read once; one that cannot be read does not hide the others.
//! Not here: what the files declare (`parse`), which keys a project file has (`config`).

mod files;
mod installed;
mod profile;
mod render;

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::SourceFile;
use crate::base::fs;
use crate::config::ProjectSettings;
use crate::config::settings;
use crate::config::yaml;
use crate::config::yaml::Yaml;
use render::Renderer;
use serde_json::Map;
use serde_json::Value;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

pub use files::Files;
pub use files::ProjectFile;
pub use profile::Profile;

/// The options of a call that decide which project is read, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub project_dir: PathBuf,
    pub profiles_dir: Option<PathBuf>,
    pub profile: Option<String>,
    pub target: Option<String>,
    /// As given; `None` leaves it to the project.
    pub target_path: Option<String>,
    pub vars: Map<String, Value>,
    /// Whether `require-dbt-version` is held against the version we are compatible with.
    pub version_check: bool,
}

/// A project with its packages.
#[derive(Debug)]
pub struct Project {
    pub root: Package,
    /// Installed packages, in the order of their names.
    pub others: Vec<Package>,
    pub profile: Profile,
    /// `--vars`.
    pub vars: Map<String, Value>,
    /// Absolute, or relative to the project.
    pub target_path: String,
    selectors: Option<Arc<SourceFile>>,
}

/// The root project or an installed package.
#[derive(Debug)]
pub struct Package {
    pub name: String,
    /// Absolute.
    pub root: PathBuf,
    /// What the shown paths of its files start with: empty for the root project.
    pub shown_prefix: String,
    pub settings: ProjectSettings,
    pub files: Files,
}

/// Reads the project that the options name. `None` when it cannot be read at all; why is in the bag.
pub fn load(options: &Options, context: &Context, bag: &Bag) -> Option<Project> {
    let root = &options.project_dir;
    let raw = project_file(root, "", bag)?;
    let bare = Renderer::new(context, &options.vars, Map::new(), bag);
    let named = raw.get("profile").and_then(|written| bare.text(written));
    let wanted = options.profile.clone().or(named);
    let profile = profile::read(options, wanted.as_deref(), &raw, &bare, context, bag)?;
    let renderer = Renderer::new(context, &options.vars, profile.visible(), bag);
    let settings = settings_of(&raw, &renderer, bag)?;
    if options.version_check {
        settings.check_dbt_version(bag);
    }
    let others = installed::packages(root, &settings, &renderer, options, bag);
    let selectors = root.join("selectors.yml");
    let selectors = fs::read_text(&selectors, "selectors")
        .ok()
        .map(|text| SourceFile::new("selectors.yml", &selectors, text));
    Some(Project {
        target_path: options
            .target_path
            .clone()
            .unwrap_or_else(|| settings.target_path.clone()),
        root: package(root, "", settings, bag),
        others,
        profile,
        vars: options.vars.clone(),
        selectors,
    })
}

impl Project {
    /// The root project, then its packages.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        std::iter::once(&self.root).chain(&self.others)
    }

    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages().find(|package| package.name == name)
    }

    /// The content of `selectors.yml`; `None` where there is no such file.
    pub fn selectors(&self, bag: &Bag) -> Option<Yaml> {
        yaml::parse(self.selectors.as_ref()?, bag)
    }

    /// Variables of one package, the weakest layer first: its own, those of the root project, `--vars`.
    pub fn vars_of(&self, package: &Package) -> Map<String, Value> {
        let mut vars = Map::new();
        for owner in [package, &self.root] {
            let written = owner.settings.vars.to_json_map();
            let scoped = written
                .get(&package.name)
                .and_then(Value::as_object)
                .cloned();
            vars.extend(written);
            vars.extend(scoped.unwrap_or_default());
        }
        vars.extend(self.vars.clone());
        vars
    }
}

fn package(root: &Path, shown_prefix: &str, settings: ProjectSettings, bag: &Bag) -> Package {
    let files = files::read(root, shown_prefix, &settings, bag);
    Package {
        name: settings.name.clone(),
        root: root.to_path_buf(),
        shown_prefix: shown_prefix.to_string(),
        settings,
        files,
    }
}

/// The tree of a `dbt_project.yml`, as written.
fn project_file(root: &Path, shown_prefix: &str, bag: &Bag) -> Option<Yaml> {
    let path = root.join("dbt_project.yml");
    match fs::read_text(&path, "project file") {
        Ok(text) => {
            let file = SourceFile::new(format!("{shown_prefix}dbt_project.yml"), &path, text);
            yaml::parse(&file, bag)
        }
        Err(error) if error.is_missing() => {
            let message = format!(
                "No dbt_project.yml found at expected path {}",
                path.display()
            );
            bag.add(
                Diagnostic::error("no-project", message)
                    .hint("run this in the folder of a project, name one with `--project-dir`, or make one with `init`"),
            );
            None
        }
        Err(error) => {
            bag.add(Diagnostic::error("unreadable-file", error.to_string()));
            None
        }
    }
}

fn settings_of(raw: &Yaml, renderer: &Renderer<'_>, bag: &Bag) -> Option<ProjectSettings> {
    let rendered = raw.map_texts(&mut |path, value| {
        if settings::is_rendered(path) {
            renderer.data(value)
        } else {
            None
        }
    });
    ProjectSettings::read(raw, &rendered, bag)
}
