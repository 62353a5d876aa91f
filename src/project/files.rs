//! The files of a project and its packages: listed by kind, and read all at once when that is wanted.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::SourceFile;
use crate::base::fs;
use crate::base::fs::FolderLinks;
use crate::base::fs::Stamp;
use crate::config::ProjectSettings;
use crate::project::Package;
use crate::project::ignore::Ignore;
use indexmap::IndexMap;
use rayon::prelude::*;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// One file that belongs to a project or package.
#[derive(Debug, Clone)]
pub struct ProjectFile {
    /// Empty for a seed, which is read only when it is loaded.
    pub source: Arc<SourceFile>,
    /// As the file system told when the files were listed; `None` where it did not tell.
    pub stamp: Option<Stamp>,
    /// Below its package, with `/`: `models/staging/a.sql`.
    pub path: String,
    /// Below the folder of its kind: `staging/a.sql`.
    pub below: String,
}

/// All files of a package by kind, each list ordered by path.
#[derive(Debug, Default)]
pub struct Files {
    /// `.sql` and `.py`.
    pub models: Vec<ProjectFile>,
    pub seeds: Vec<ProjectFile>,
    pub snapshots: Vec<ProjectFile>,
    /// Singular tests, and generic ones (below a folder `generic`).
    pub tests: Vec<ProjectFile>,
    pub analyses: Vec<ProjectFile>,
    pub macros: Vec<ProjectFile>,
    pub functions: Vec<ProjectFile>,
    /// `.csv` and `.sql` with rows for unit tests, below `fixtures` of the tests.
    pub fixtures: Vec<ProjectFile>,
    /// Markdown.
    pub docs: Vec<ProjectFile>,
    /// YAML files that describe nodes.
    pub properties: Vec<ProjectFile>,
}

/// A package whose files are not known yet.
pub(super) struct Home {
    /// Absolute.
    pub(super) root: PathBuf,
    pub(super) shown_prefix: String,
    pub(super) settings: ProjectSettings,
}

/// Lists the files of packages. None is read yet.
pub(super) fn list_all(homes: Vec<Home>, bag: &Bag) -> Vec<Package> {
    let listed: Vec<Listing> = homes
        .par_iter()
        .map(|home| list(&home.root, &home.settings, bag))
        .collect();
    let wanted: Vec<(usize, &str, Content)> = listed
        .iter()
        .enumerate()
        .flat_map(|(at, listing)| {
            let files = listing.content.iter();
            files.map(move |(path, content)| (at, path.as_str(), *content))
        })
        .collect();
    let found: Vec<Found> = wanted
        .par_iter()
        .with_min_len(64)
        .map(|(at, path, content)| homes[*at].file(path, *content))
        .collect();
    let mut found = found.into_iter();
    let packages = homes.into_iter().zip(&listed).map(|(home, listing)| {
        let own: Vec<_> = found.by_ref().take(listing.content.len()).collect();
        Package {
            name: home.settings.name.clone(),
            root: home.root,
            shown_prefix: home.shown_prefix,
            settings: home.settings,
            files: listing.sort_out(&own),
        }
    });
    packages.collect()
}

/// One file on disk.
type Found = (Arc<SourceFile>, Option<Stamp>);

impl Home {
    fn file(&self, path: &str, content: Content) -> Found {
        let shown = format!("{}{path}", self.shown_prefix);
        let path = self.root.join(path);
        let stamp = fs::stamp(&path);
        let source = match content {
            Content::Later => SourceFile::new(shown, path, ""),
            Content::Read => SourceFile::unread(shown, path),
        };
        (source, stamp)
    }
}

/// Reads files side by side. Those that cannot be read are told, and given back.
pub(super) fn read(wanted: &[Arc<SourceFile>], bag: &Bag) -> Vec<Arc<SourceFile>> {
    let broken = wanted.par_iter().with_min_len(16).filter_map(|file| {
        let found = file.read().err()?;
        bag.add(*found);
        Some(file.clone())
    });
    broken.collect()
}

impl Files {
    pub(super) fn leave_out(&mut self, broken: &[Arc<SourceFile>]) {
        for kind in Kind::ALL {
            let is_broken =
                |file: &ProjectFile| broken.iter().any(|one| Arc::ptr_eq(one, &file.source));
            self.of(kind).retain(|file| !is_broken(file));
        }
    }

    /// Every file; one that is of two kinds comes twice.
    pub fn all(&self) -> impl Iterator<Item = &ProjectFile> {
        let kinds = [
            &self.models,
            &self.seeds,
            &self.snapshots,
            &self.tests,
            &self.analyses,
            &self.macros,
            &self.functions,
            &self.fixtures,
            &self.docs,
            &self.properties,
        ];
        kinds.into_iter().flatten()
    }
}

/// Whether a file's text is wanted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Read,
    Later,
}

/// What kinds of file a folder is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Model,
    Seed,
    Snapshot,
    Test,
    Analysis,
    Macro,
    Function,
    Fixture,
    Doc,
    Property,
}

impl Kind {
    const ALL: [Kind; 10] = [
        Kind::Model,
        Kind::Seed,
        Kind::Snapshot,
        Kind::Test,
        Kind::Analysis,
        Kind::Macro,
        Kind::Function,
        Kind::Fixture,
        Kind::Doc,
        Kind::Property,
    ];

    const FIXTURES: &str = "fixtures/";

    fn takes(self, below: &str) -> bool {
        let is_fixture = below.starts_with(Kind::FIXTURES);
        match self {
            Kind::Model | Kind::Function => ends_with(below, &[".sql", ".py"]),
            Kind::Seed => ends_with(below, &[".csv"]),
            Kind::Test => ends_with(below, &[".sql"]) && !is_fixture,
            Kind::Snapshot | Kind::Analysis | Kind::Macro => ends_with(below, &[".sql"]),
            Kind::Fixture => is_fixture && ends_with(below, &[".csv", ".sql"]),
            Kind::Doc => ends_with(below, &[".md"]),
            Kind::Property => ends_with(below, &[".yml", ".yaml"]),
        }
    }
}

struct Listing {
    /// Every file once, with whether to read it.
    content: IndexMap<String, Content>,
    /// Kind, index into `content`, start of the part below the folder of its kind.
    found: Vec<(Kind, usize, usize)>,
}

fn list(root: &Path, settings: &ProjectSettings, bag: &Bag) -> Listing {
    let ignore = ignored(root, bag);
    let searches = searches(settings);
    let mut folders: Vec<&str> = searches.iter().map(|(_, folder)| *folder).collect();
    folders.sort_unstable();
    folders.dedup();
    let walked: Vec<Vec<String>> = folders
        .par_iter()
        .map(|folder| walk(root, folder, &ignore, bag))
        .collect();
    let mut listing = Listing {
        content: IndexMap::new(),
        found: Vec::new(),
    };
    for (kind, folder) in searches {
        let Ok(at) = folders.binary_search(&folder) else {
            continue;
        };
        listing.take(kind, folder, &walked[at]);
    }
    listing
}

impl Listing {
    fn take(&mut self, kind: Kind, folder: &str, files: &[String]) {
        for below in files.iter().filter(|below| kind.takes(below)) {
            let path = join(folder, below);
            let start = path.len() - below.len();
            let content = match kind {
                Kind::Seed => Content::Later,
                _ => Content::Read,
            };
            let entry = self.content.entry(path);
            let at = entry.index();
            let known = entry.or_insert(content);
            if content == Content::Read {
                *known = Content::Read;
            }
            self.found.push((kind, at, start));
        }
    }

    /// `sources` are in the order of `content`.
    fn sort_out(&self, sources: &[Found]) -> Files {
        let mut files = Files::default();
        for (kind, at, start) in &self.found {
            let ((source, stamp), Some((path, _))) = (&sources[*at], self.content.get_index(*at))
            else {
                continue;
            };
            files.of(*kind).push(ProjectFile {
                source: source.clone(),
                stamp: *stamp,
                below: path[*start..].to_string(),
                path: path.clone(),
            });
        }
        for kind in Kind::ALL {
            let list = files.of(kind);
            list.sort_by(|a, b| a.path.cmp(&b.path));
            list.dedup_by(|a, b| a.path == b.path);
        }
        files
    }
}

impl Files {
    fn of(&mut self, kind: Kind) -> &mut Vec<ProjectFile> {
        match kind {
            Kind::Model => &mut self.models,
            Kind::Seed => &mut self.seeds,
            Kind::Snapshot => &mut self.snapshots,
            Kind::Test => &mut self.tests,
            Kind::Analysis => &mut self.analyses,
            Kind::Macro => &mut self.macros,
            Kind::Function => &mut self.functions,
            Kind::Fixture => &mut self.fixtures,
            Kind::Doc => &mut self.docs,
            Kind::Property => &mut self.properties,
        }
    }
}

fn searches(settings: &ProjectSettings) -> Vec<(Kind, &str)> {
    let paths = &settings.paths;
    let kinds = [
        (Kind::Model, &paths.models),
        (Kind::Seed, &paths.seeds),
        (Kind::Snapshot, &paths.snapshots),
        (Kind::Test, &paths.tests),
        (Kind::Fixture, &paths.tests),
        (Kind::Analysis, &paths.analyses),
        (Kind::Macro, &paths.macros),
        (Kind::Function, &paths.functions),
        (Kind::Doc, &paths.docs),
    ];
    let mut searches: Vec<(Kind, &str)> = kinds
        .into_iter()
        .flat_map(|(kind, folders)| folders.iter().map(move |folder| (kind, folder.as_str())))
        .collect();
    searches.extend(paths.all_code().map(|folder| (Kind::Property, folder)));
    searches
}

fn walk(root: &Path, folder: &str, ignore: &Ignore, bag: &Bag) -> Vec<String> {
    let enter = |below: &str| !ignore.closes(&join(folder, below));
    let mut files = match fs::files_below(
        &root.join(folder),
        FolderLinks::PassOver,
        enter,
        "project folder",
    ) {
        Ok(files) => files,
        Err(error) => {
            bag.add(Diagnostic::error("unreadable-file", error.to_string()));
            return Vec::new();
        }
    };
    files.retain(|below| {
        let name = below.rsplit('/').next().unwrap_or(below);
        !name.starts_with('.') && !ignore.leaves_out(&join(folder, below))
    });
    files
}

fn ignored(root: &Path, bag: &Bag) -> Ignore {
    match fs::read_text(&root.join(".dbtignore"), "list of ignored files") {
        Ok(text) => Ignore::parse(&text),
        Err(error) => {
            if !error.is_missing() {
                bag.add(Diagnostic::error("unreadable-file", error.to_string()));
            }
            Ignore::default()
        }
    }
}

fn join(folder: &str, below: &str) -> String {
    match folder {
        "." => below.to_string(),
        _ => format!("{folder}/{below}"),
    }
}

/// Whether a path ends in one of some endings, whatever their case.
fn ends_with(path: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| {
        let start = path.len().checked_sub(ending.len());
        start
            .and_then(|start| path.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
    })
}
