//! The target folder: where each artifact lies, and the SQL files of single nodes.

use crate::artifacts::catalog_v1::Catalog;
use crate::artifacts::graph_summary;
use crate::artifacts::manifest_v12::Manifest;
use crate::artifacts::metadata::Metadata;
use crate::artifacts::parse_cache;
use crate::artifacts::run_results_v6::RunResults;
use crate::artifacts::semantic_manifest;
use crate::artifacts::sources_v3::Sources;
use crate::base::fs;
use crate::base::fs::FileError;
use crate::base::fs::FolderLinks;
use crate::compile::Batch;
use crate::compile::Paths;
use crate::graph::Graph;
use crate::node::Node;
use crate::node::Resource;
use crate::node::UniqueId;
use crate::run::Recorder;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// The folder of a call. Shared between threads.
#[derive(Debug)]
pub struct TargetFolder {
    project: PathBuf,
    folder: PathBuf,
    paths: Paths,
    files: Mutex<SqlFiles>,
    /// Texts that no record may show.
    secrets: Vec<String>,
}

/// What became of the SQL files.
#[derive(Debug, Default)]
struct SqlFiles {
    /// Nodes whose statement was written.
    ran: FxHashSet<UniqueId>,
    /// The first file that could not be written.
    failed: Option<FileError>,
}

/// An artifact that was written, for whoever wants to tell.
#[derive(Debug, Clone)]
pub struct Written {
    /// dbt's name of the record.
    pub kind: &'static str,
    pub path: PathBuf,
}

type Result<T> = std::result::Result<T, FileError>;

impl TargetFolder {
    /// `paths` name the folder as written: absolute, or relative to the project.
    pub fn new(project: &Path, paths: &Paths) -> Self {
        TargetFolder {
            project: project.to_path_buf(),
            folder: project.join(&paths.target),
            paths: paths.clone(),
            files: Mutex::default(),
            secrets: Vec::new(),
        }
    }

    /// The same folder; records show `*****` in the place of these texts.
    pub fn hiding(self, secrets: Vec<String>) -> Self {
        TargetFolder { secrets, ..self }
    }

    /// Writes the manifest and what goes with it.
    pub fn write_manifest(&self, manifest: &Manifest<'_>) -> Result<Vec<Written>> {
        Ok(vec![
            self.write_pieces("WritableManifest", "manifest.json", |out| {
                manifest.write(out)
            })?,
            self.write(
                "SemanticManifest",
                "semantic_manifest.json",
                &semantic_manifest::text(&manifest.world.graph),
            )?,
        ])
    }

    /// Whether the manifest and what goes with it were written of this state of the project, and
    /// nobody touched them since.
    pub fn has_manifest_of(&self, state: &[u8]) -> bool {
        parse_cache::is_marked(&self.folder, state)
    }

    /// Notes that they were.
    pub fn note_manifest_of(&self, state: &[u8]) {
        parse_cache::set_mark(&self.folder, state);
    }

    pub fn write_graph_summary(&self, graph: &Graph, about: &Metadata) -> Result<()> {
        let path = self.folder.join("graph_summary.json");
        fs::write_atomic_with(&path, "graph_summary.json", |out| {
            graph_summary::write(graph, about, out)
        })
    }

    pub fn write_run_results(&self, results: &RunResults<'_>) -> Result<Written> {
        self.write_pieces("RunExecutionResult", "run_results.json", |out| {
            results.write(out)
        })
    }

    /// `own` is a path to use instead of the usual one, as given: absolute, or relative to the project.
    pub fn write_sources(&self, sources: &Sources<'_>, own: Option<&str>) -> Result<Written> {
        let path = match own {
            Some(path) => self.project.join(path),
            None => self.folder.join("sources.json"),
        };
        fs::write_atomic(&path, &sources.text(), "sources.json")?;
        let kind = "FreshnessExecutionResultArtifact";
        Ok(Written { kind, path })
    }

    pub fn write_catalog(&self, catalog: &Catalog<'_>) -> Result<Written> {
        self.write("CatalogArtifact", "catalog.json", &catalog.text())
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn has_record(&self, name: &str) -> bool {
        fs::exists(&self.folder.join(name))
    }

    /// Writes a page of the documentation beside the records.
    pub fn write_page(&self, name: &str, page: &str) -> Result<PathBuf> {
        let written = self.write("DocsPage", name, page.as_bytes())?;
        Ok(written.path)
    }

    /// A record of this call, as it was written.
    pub fn read_record(&self, name: &str) -> Result<String> {
        fs::read_text(&self.folder.join(name), name)
    }

    /// Copies folders of the project, with all they hold, into the target folder; those that do
    /// not exist are left out.
    pub fn copy_assets(&self, folders: &[String]) -> Result<()> {
        for folder in folders {
            let from = self.project.join(folder);
            if !fs::exists(&from) {
                continue;
            }
            for below in fs::files_below(&from, FolderLinks::Follow, |_| true, "assets")? {
                let content = fs::read_bytes(&from.join(&below), "asset")?;
                fs::write(&self.folder.join(folder).join(&below), &content, "asset")?;
            }
        }
        Ok(())
    }

    /// The first SQL file of a node that could not be written; told once.
    pub fn take_failure(&self) -> Option<FileError> {
        self.files().failed.take()
    }

    /// Whether the statement of a node was written in this call.
    pub(super) fn was_run(&self, node: &Node) -> bool {
        self.files().ran.contains(&node.unique_id)
    }

    /// Piece by piece: the record may be larger than all else that is in memory.
    fn write_pieces(
        &self,
        kind: &'static str,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Written> {
        let path = self.folder.join(name);
        fs::write_atomic_with(&path, name, |out| {
            write(&mut Scrubbing { folder: self, out })
        })?;
        Ok(Written { kind, path })
    }

    fn write(&self, kind: &'static str, name: &str, text: &[u8]) -> Result<Written> {
        let path = self.folder.join(name);
        fs::write_atomic(&path, &self.scrubbed(text), name)?;
        Ok(Written { kind, path })
    }

    /// A record without the texts that nobody may see.
    fn scrubbed<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let mut hidden = Cow::Borrowed(text);
        for secret in &self.secrets {
            let written = serde_json::json!(secret).to_string();
            let written = written.trim_matches('"');
            let shown = String::from_utf8_lossy(&hidden);
            if shown.contains(written) {
                hidden = Cow::Owned(shown.replace(written, "*****").into_bytes());
            }
        }
        hidden
    }

    /// Nobody reads these files while they are written, so they are written the quick way.
    fn write_sql(&self, below_project: &str, sql: &str) {
        let path = self.project.join(below_project);
        if let Err(e) = fs::write(&path, sql.as_bytes(), "SQL of a node") {
            self.files().failed.get_or_insert(e);
        }
    }

    fn files(&self) -> MutexGuard<'_, SqlFiles> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes on pieces of a record without the texts that nobody may see. A piece ends where a value ends.
struct Scrubbing<'a> {
    folder: &'a TargetFolder,
    out: &'a mut dyn Write,
}

impl Write for Scrubbing<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.out.write_all(&self.folder.scrubbed(piece))?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Recorder for TargetFolder {
    fn compiled(&self, node: &Node, batch: Option<&Batch>, sql: &str) {
        // A snapshot has a file of what was run only.
        if node.resource != Resource::Snapshot {
            self.write_sql(&self.paths.compiled(node, batch), sql);
        }
    }

    fn ran(&self, node: &Node, batch: Option<&Batch>, sql: &str) {
        self.write_sql(&self.paths.run(node, batch), sql);
        self.files().ran.insert(node.unique_id.clone());
    }
}
