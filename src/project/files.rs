//! Lists the files of one project or package and reads them, on all threads.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::SourceFile;
use crate::base::fs;
use crate::config::ProjectSettings;
use globset::Glob;
use globset::GlobSet;
use globset::GlobSetBuilder;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use walkdir::WalkDir;

/// One file of a project.
#[derive(Debug, Clone)]
pub struct ProjectFile {
    /// The text; empty for a seed, which only the warehouse reads whole.
    pub source: Arc<SourceFile>,
    /// Below its package, with `/`: `models/staging/orders.sql`.
    pub path: String,
    /// Below the folder of its kind: `staging/orders.sql`.
    pub below: String,
}

/// The files of a project by what they may declare, each list in the order of paths.
#[derive(Debug, Default)]
pub struct Files {
    pub models: Vec<ProjectFile>,
    pub seeds: Vec<ProjectFile>,
    pub snapshots: Vec<ProjectFile>,
    pub tests: Vec<ProjectFile>,
    pub analyses: Vec<ProjectFile>,
    pub macros: Vec<ProjectFile>,
    /// Markdown, for docs blocks.
    pub docs: Vec<ProjectFile>,
    /// YAML below any folder of code.
    pub properties: Vec<ProjectFile>,
}

/// A file that was found, not read yet.
#[derive(Debug, Clone)]
struct Found {
    path: String,
    below: String,
    absolute: PathBuf,
}

pub(super) fn read(
    root: &Path,
    shown_prefix: &str,
    settings: &ProjectSettings,
    bag: &Bag,
) -> Files {
    let paths = &settings.paths;
    let lister = Lister {
        root,
        ignored: ignored(root, bag),
    };
    let code: Vec<&str> = paths.all_code().collect();
    let listed: [(Vec<Found>, Content); 8] = [
        (
            lister.list(paths.models.iter().map(String::as_str), &["sql", "py"]),
            Content::Text,
        ),
        (
            lister.list(paths.seeds.iter().map(String::as_str), &["csv"]),
            Content::Elsewhere,
        ),
        (
            lister.list(paths.snapshots.iter().map(String::as_str), &["sql"]),
            Content::Text,
        ),
        (
            lister.list(paths.tests.iter().map(String::as_str), &["sql"]),
            Content::Text,
        ),
        (
            lister.list(paths.analyses.iter().map(String::as_str), &["sql"]),
            Content::Text,
        ),
        (
            lister.list(paths.macros.iter().map(String::as_str), &["sql"]),
            Content::Text,
        ),
        (
            lister.list(paths.docs.iter().map(String::as_str), &["md"]),
            Content::Text,
        ),
        (
            lister.list(code.into_iter(), &["yml", "yaml"]),
            Content::Text,
        ),
    ];
    let [
        models,
        seeds,
        snapshots,
        tests,
        analyses,
        macros,
        docs,
        properties,
    ] = listed.map(|(found, content)| {
        let read = found
            .into_par_iter()
            .filter_map(|found| open(found, shown_prefix, content, bag));
        read.collect()
    });
    Files {
        models,
        seeds,
        snapshots,
        tests,
        analyses,
        macros,
        docs,
        properties,
    }
}

/// Whether the text of a file is wanted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    Elsewhere,
}

fn open(found: Found, shown_prefix: &str, content: Content, bag: &Bag) -> Option<ProjectFile> {
    let shown = format!("{shown_prefix}{}", found.path);
    let text = match content {
        Content::Elsewhere => String::new(),
        Content::Text => match fs::read_text(&found.absolute, "file") {
            Ok(text) => text,
            Err(error) => {
                bag.add(Diagnostic::error(
                    "unreadable-file",
                    format!("{shown}: {error}"),
                ));
                return None;
            }
        },
    };
    let source = SourceFile::new(shown, found.absolute, text);
    Some(ProjectFile {
        source,
        path: found.path,
        below: found.below,
    })
}

struct Lister<'a> {
    root: &'a Path,
    ignored: GlobSet,
}

impl Lister<'_> {
    /// Files with one of the endings below some folders, each once, in the order of paths.
    fn list<'f>(&self, folders: impl Iterator<Item = &'f str>, endings: &[&str]) -> Vec<Found> {
        let mut found = BTreeMap::new();
        for folder in folders {
            let walk = WalkDir::new(self.root.join(folder))
                .follow_links(true)
                .into_iter();
            let visible = walk.filter_entry(|entry| {
                entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
            });
            for entry in visible
                .flatten()
                .filter(|entry| entry.file_type().is_file())
            {
                let ending = entry
                    .path()
                    .extension()
                    .and_then(|ending| ending.to_str())
                    .unwrap_or_default();
                if !endings.contains(&ending) {
                    continue;
                }
                if let Some(file) = self.found(entry.path(), folder) {
                    found.entry(file.path.clone()).or_insert(file);
                }
            }
        }
        found.into_values().collect()
    }

    fn found(&self, absolute: &Path, folder: &str) -> Option<Found> {
        let below = with_slashes(absolute.strip_prefix(self.root.join(folder)).ok()?);
        let path = with_slashes(absolute.strip_prefix(self.root).ok()?);
        (!self.ignored.is_match(&path)).then(|| Found {
            path,
            below,
            absolute: absolute.to_path_buf(),
        })
    }
}

fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

/// The patterns of `.dbtignore`: a name fits anywhere, a pattern with `/` from the project's folder.
fn ignored(root: &Path, bag: &Bag) -> GlobSet {
    let mut patterns = GlobSetBuilder::new();
    let path = root.join(".dbtignore");
    let text = fs::read_text(&path, "ignore file").unwrap_or_default();
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let bare = line.trim_start_matches('/').trim_end_matches('/');
        let anchored = if bare.contains('/') || line.starts_with('/') {
            bare.to_string()
        } else {
            format!("**/{bare}")
        };
        for pattern in [anchored.clone(), format!("{anchored}/**")] {
            match Glob::new(&pattern) {
                Ok(glob) => drop(patterns.add(glob)),
                Err(error) => bag.add(Diagnostic::warning(
                    "ignore-pattern",
                    format!(".dbtignore: {error}"),
                )),
            }
        }
    }
    patterns.build().unwrap_or_default()
}
