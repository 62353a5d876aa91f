//! Finds and reads a project: its settings, its profile, its packages and all their files.
//! Promise: every file is read once, in parallel, and only when it is wanted; one that cannot be read is
//! told and left out.
//! Not here: what the files declare (`parse`), which keys a project file has (`config`).

mod clean;
mod examine;
mod files;
mod ignore;
mod init;
mod installed;
mod profile;
mod render;
mod runtime_config;
#[cfg(test)]
mod tests;

pub mod packages;

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::SourceFile;
use crate::base::fs;
use crate::config::Flags;
use crate::config::ProjectSettings;
use crate::config::settings;
use crate::config::yaml;
use crate::config::yaml::Yaml;
use crate::jinja;
use indexmap::IndexMap;
use render::Renderer;
use serde_json::Map;
use serde_json::Value;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

pub use clean::Reach;
pub use clean::clean;
pub use examine::Examined;
pub use examine::examine;
pub use files::Files;
pub use files::ProjectFile;
pub use init::NewProject;
pub use init::init;
pub use profile::Profile;

/// The options of a call that decide which project is read, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Absolute.
    pub project_dir: PathBuf,
    /// Absolute; `None` where nobody named a folder and there is no home.
    pub profiles_dir: Option<PathBuf>,
    pub profile: Option<String>,
    pub target: Option<String>,
    /// As given; `None` leaves it to the project.
    pub target_path: Option<String>,
    pub vars: Map<String, Value>,
    /// Whether `require-dbt-version` is held against the version we are compatible with.
    pub version_check: bool,
}

/// A project with its packages and their files.
#[derive(Debug)]
pub struct Project {
    pub root: Package,
    /// Installed packages, in the order of their names.
    pub others: Vec<Package>,
    pub profile: Profile,
    /// Variables of this call; they go before those of any file.
    pub vars: Map<String, Value>,
    /// Absolute, or relative to the project.
    pub target_path: String,
    /// Names of other projects that this one may refer to (`projects:` of `dependencies.yml`).
    pub projects: Vec<String>,
    /// What `selectors.yml` holds, rendered; `None` where there is no such file.
    pub selectors: Option<Yaml>,
}

/// The root project or an installed package.
#[derive(Debug)]
pub struct Package {
    pub name: String,
    /// Absolute.
    pub root: PathBuf,
    /// What the shown paths of its files start with: empty for the root, else `dbt_packages/name/`.
    pub shown_prefix: String,
    pub settings: ProjectSettings,
    pub files: Files,
}

impl Project {
    /// The root project, then its packages.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        std::iter::once(&self.root).chain(&self.others)
    }

    /// The files of all packages; one that is of two kinds comes twice.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        let files = self.packages().flat_map(|package| package.files.all());
        files.map(|file| &file.source)
    }

    /// Reads files, each once. Those that cannot be read are told, and left out from here on.
    pub fn read(&mut self, wanted: &[Arc<SourceFile>], bag: &Bag) {
        let broken = files::read(wanted, bag);
        if !broken.is_empty() {
            for package in std::iter::once(&mut self.root).chain(&mut self.others) {
                package.files.leave_out(&broken);
            }
        }
    }

    /// Reads every file.
    pub fn read_all(&mut self, bag: &Bag) {
        let all: Vec<_> = self.sources().cloned().collect();
        self.read(&all, bag);
    }

    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages().find(|package| package.name == name)
    }

    /// What `var()` finds in a file of `package`. The package's own values are the weakest, then
    /// those of the root project for all, then those of the root project for this package.
    pub fn vars_of(&self, package: &Package) -> IndexMap<String, jinja::Value> {
        let mut vars = IndexMap::new();
        for settings in [&package.settings, &self.root.settings] {
            vars.extend(values(&settings.vars));
            if let Some(own) = settings.vars.get(&package.name) {
                vars.extend(values(own));
            }
        }
        let given = self.vars.iter();
        vars.extend(given.map(|(name, value)| (name.clone(), jinja::from_json(value))));
        vars
    }
}

/// The entries of a mapping as templates see them.
fn values(yaml: &Yaml) -> impl Iterator<Item = (String, jinja::Value)> {
    let entries = yaml.entries().iter();
    entries.map(|(key, value)| (key.key_text().into_owned(), jinja::from_tree(value)))
}

impl Options {
    pub fn from_flags(flags: &Flags) -> Self {
        Options {
            project_dir: flags.project_dir.clone(),
            profiles_dir: flags.profiles_dir.clone(),
            profile: flags.profile.clone(),
            target: flags.target.clone(),
            target_path: flags.target_path.clone(),
            vars: flags.vars.clone(),
            version_check: flags.version_check,
        }
    }
}

/// Reads the settings of the project that the options name, and lists its files.
/// `None` when a mistake leaves nothing to go on with; the bag then has it.
pub fn load(options: &Options, context: &Arc<Context>, bag: &Bag) -> Option<Project> {
    let raw = project_file(&options.project_dir, "", bag)?;
    let profile = profile::load(options, context, &raw, bag)?;
    let renderer = Renderer::new(context, &options.vars, Some(&profile.target));
    let settings = read_settings(&raw, &renderer, options, bag)?;
    let declared = packages::declared(options, context, bag)?;
    let mut homes = vec![files::Home {
        root: options.project_dir.clone(),
        shown_prefix: String::new(),
        settings,
    }];
    homes.extend(installed::find(
        &homes[0].settings,
        &declared,
        &renderer,
        options,
        bag,
    ));
    let mut packages = files::list_all(homes, bag);
    let root = packages.remove(0);
    let target_path = options.target_path.as_ref();
    Some(Project {
        target_path: target_path.unwrap_or(&root.settings.target_path).clone(),
        others: packages,
        projects: declared.projects,
        profile,
        vars: options.vars.clone(),
        selectors: optional_file(&options.project_dir, "selectors.yml", bag)
            .and_then(|file| yaml::parse(&file, bag))
            .map(|tree| renderer.tree(&tree, |_| true, bag)),
        root,
    })
}

/// The settings of a project alone, for commands that touch neither nodes nor the warehouse.
/// A profile that cannot be read is no mistake here.
pub fn load_settings(
    options: &Options,
    context: &Arc<Context>,
    bag: &Bag,
) -> Option<ProjectSettings> {
    let raw = project_file(&options.project_dir, "", bag)?;
    let profile = profile::load(options, context, &raw, &Bag::new());
    let target = profile.map(|profile| profile.target);
    let renderer = Renderer::new(context, &options.vars, target.as_ref());
    read_settings(&raw, &renderer, options, bag)
}

fn read_settings(
    raw: &Yaml,
    renderer: &Renderer,
    options: &Options,
    bag: &Bag,
) -> Option<ProjectSettings> {
    let rendered = renderer.tree(raw, settings::is_rendered, bag);
    let settings = ProjectSettings::read(raw, &rendered, bag)?;
    if options.version_check {
        settings.check_dbt_version(bag);
    }
    Some(settings)
}

/// The project file of a folder as YAML; what its path starts with when shown is `shown_prefix`.
fn project_file(folder: &Path, shown_prefix: &str, bag: &Bag) -> Option<Yaml> {
    let path = folder.join("dbt_project.yml");
    match fs::read_text(&path, "project file") {
        Ok(text) => {
            let file = SourceFile::new(format!("{shown_prefix}dbt_project.yml"), path, text);
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

/// A file beside the project file that need not be there.
fn optional_file(folder: &Path, name: &str, bag: &Bag) -> Option<Arc<SourceFile>> {
    let path = folder.join(name);
    match fs::read_text(&path, "file") {
        Ok(text) => Some(SourceFile::new(name, path, text)),
        Err(error) => {
            if !error.is_missing() {
                bag.add(Diagnostic::error("unreadable-file", error.to_string()));
            }
            None
        }
    }
}
