//! The folders of a project by the kind of file they hold, relative to the project.

use crate::base::Bag;
use crate::config::settings::keys::RENAMED;
use crate::config::yaml::Yaml;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    pub models: Vec<String>,
    pub seeds: Vec<String>,
    pub tests: Vec<String>,
    pub analyses: Vec<String>,
    pub macros: Vec<String>,
    pub snapshots: Vec<String>,
    pub functions: Vec<String>,
    /// Folders with Markdown files; every folder of code when the project names none.
    pub docs: Vec<String>,
    /// Folders with pictures for the documentation.
    pub assets: Vec<String>,
}

impl Paths {
    pub(super) fn read(yaml: &Yaml, bag: &Bag) -> Self {
        let read = |key: &str, usual: &[&str]| paths(yaml, key, usual, bag);
        let mut paths = Paths {
            models: read("model-paths", &["models"]),
            seeds: read("seed-paths", &["seeds"]),
            tests: read("test-paths", &["tests"]),
            analyses: read("analysis-paths", &["analyses"]),
            macros: read("macro-paths", &["macros"]),
            snapshots: read("snapshot-paths", &["snapshots"]),
            functions: read("function-paths", &["functions"]),
            docs: read("docs-paths", &[]),
            assets: read("asset-paths", &[]),
        };
        if paths.docs.is_empty() {
            paths.docs = paths.all_code().map(str::to_string).collect();
            paths.docs.sort();
            paths.docs.dedup();
        }
        paths
    }

    /// Folders whose files become nodes.
    pub fn resource_folders(&self) -> impl Iterator<Item = &str> {
        [
            &self.models,
            &self.seeds,
            &self.snapshots,
            &self.analyses,
            &self.tests,
            &self.functions,
        ]
        .into_iter()
        .flatten()
        .map(String::as_str)
    }

    /// Folders with code of any kind.
    pub fn all_code(&self) -> impl Iterator<Item = &str> {
        self.resource_folders()
            .chain(self.macros.iter().map(String::as_str))
    }
}

fn paths(yaml: &Yaml, key: &str, usual: &[&str], bag: &Bag) -> Vec<String> {
    let old = RENAMED.iter().find(|(_, modern, _)| *modern == key);
    let given = yaml
        .get(key)
        .or_else(|| yaml.get(old?.0))
        .filter(|value| !value.is_null());
    match given {
        Some(value) => {
            let mut folders: Vec<String> = value.texts(key, bag).iter().map(|p| tidy(p)).collect();
            let mut seen = Vec::new();
            folders.retain(|folder| {
                let new = !seen.contains(folder);
                seen.push(folder.clone());
                new
            });
            folders
        }
        None => usual.iter().map(ToString::to_string).collect(),
    }
}

/// `./models/` is `models`.
fn tidy(path: &str) -> String {
    let path = path.trim_end_matches('/');
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    if path.is_empty() { "." } else { path }.to_string()
}
