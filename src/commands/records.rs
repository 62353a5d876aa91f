//! The artifacts of one call: what goes into them, and telling that they were written.

use crate::artifacts::Catalog;
use crate::artifacts::Manifest;
use crate::artifacts::Metadata;
use crate::artifacts::RunResults;
use crate::artifacts::Sources;
use crate::artifacts::TargetFolder;
use crate::artifacts::Written;
use crate::base::fs::FileError;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::tell;
use crate::compile::World;
use crate::docs;
use crate::node::DocBlock;
use crate::node::MacroDoc;
use crate::report::say;
use crate::run::Outcome;
use serde_json::Map;
use serde_json::Value;
use std::sync::Arc;

/// What artifacts hold besides the graph.
pub(super) struct Records {
    pub folder: Arc<TargetFolder>,
    pub about: Metadata,
    pub docs: Vec<DocBlock>,
    pub macro_docs: Vec<MacroDoc>,
    pub selectors: Map<String, Value>,
    pub adapter_type: &'static str,
    /// Folders of the project, relative to it.
    pub assets: Vec<String>,
    /// What tells this state of the project from all others; `None` where none was kept.
    pub state: Option<Vec<u8>>,
}

impl Records {
    /// Writes `manifest.json` and `graph_summary.json`; with an outcome, what was rendered is in it.
    /// Without one, those that would say the same are left as they are.
    pub(super) fn manifest(
        &self,
        desk: &Desk,
        world: &World,
        outcome: Option<&Outcome>,
    ) -> Result<(), Told> {
        if !desk.flags.write_json {
            return Ok(());
        }
        let state = self.state.as_ref().filter(|_| outcome.is_none());
        if state.is_some_and(|state| self.folder.has_manifest_of(state)) {
            return Ok(());
        }
        let manifest = Manifest {
            about: &self.about,
            world,
            docs: &self.docs,
            macro_docs: &self.macro_docs,
            selectors: &self.selectors,
            adapter_type: self.adapter_type,
            folder: &self.folder,
            outcome,
        };
        for written in self
            .folder
            .write_manifest(&manifest)
            .map_err(|error| unwritable(desk, &error))?
        {
            tell_written(desk, &written);
        }
        let summary = self.folder.write_graph_summary(&world.graph, &self.about);
        summary.map_err(|error| unwritable(desk, &error))?;
        if let Some(state) = state {
            self.folder.note_manifest_of(state);
        }
        Ok(())
    }

    /// Writes `run_results.json`, and the manifest again with what was rendered.
    pub(super) fn results(
        &self,
        desk: &Desk,
        world: &World,
        outcome: &Outcome,
    ) -> Result<(), Told> {
        if let Some(error) = self.folder.take_failure() {
            unwritable(desk, &error);
            return Err(Told);
        }
        if !desk.flags.write_json {
            return Ok(());
        }
        self.manifest(desk, world, Some(outcome))?;
        let results = RunResults {
            about: &self.about,
            flags: &desk.flags,
            outcome,
        };
        let written = self
            .folder
            .write_run_results(&results)
            .map_err(|error| unwritable(desk, &error))?;
        tell_written(desk, &written);
        Ok(())
    }

    /// Copies the pictures and other files of the documentation beside the artifacts.
    pub(super) fn assets(&self, desk: &Desk) -> Result<(), Told> {
        let copied = self.folder.copy_assets(&self.assets);
        copied.map_err(|error| unwritable(desk, &error))
    }

    /// Writes the documentation's page; with `--static` also the one that holds the records.
    pub(super) fn pages(&self, desk: &Desk) -> Result<(), Told> {
        let unwritten = |error: FileError| unwritable(desk, &error);
        let page = self.folder.write_page("index.html", &docs::page());
        page.map_err(unwritten)?;
        if desk.flags.static_page {
            let manifest = self
                .folder
                .read_record("manifest.json")
                .map_err(unwritten)?;
            let catalog = self.folder.read_record("catalog.json").map_err(unwritten)?;
            let page = docs::page_with(&manifest, &catalog);
            let path = self.folder.write_page("static_index.html", &page);
            tell(desk, &say::page_written(&path.map_err(unwritten)?));
        }
        Ok(())
    }

    /// Writes `sources.json`, or the file that `--output` names.
    pub(super) fn sources(&self, desk: &Desk, sources: &Sources<'_>) -> Result<(), Told> {
        let own = desk.flags.output_path.as_deref();
        let written = self.folder.write_sources(sources, own);
        tell_written(desk, &written.map_err(|error| unwritable(desk, &error))?);
        Ok(())
    }

    pub(super) fn catalog(&self, desk: &Desk, catalog: &Catalog<'_>) -> Result<(), Told> {
        let written = self
            .folder
            .write_catalog(catalog)
            .map_err(|error| unwritable(desk, &error))?;
        tell(desk, &say::catalog_written(&written.path));
        Ok(())
    }
}

fn tell_written(desk: &Desk, written: &Written) {
    tell(desk, &say::artifact_written(written.kind, &written.path));
}

fn unwritable(desk: &Desk, error: &FileError) -> Told {
    desk.fail("unwritable-file", error)
}
