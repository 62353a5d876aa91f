//! What earlier calls left behind, in the folders that the flags name: read once, for the selection,
//! for deferral and for `retry`.

use crate::artifacts::earlier;
use crate::artifacts::earlier::EarlierRun;
use crate::artifacts::earlier::Unusable;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::fs;
use crate::commands::desk::Desk;
use crate::commands::desk::Told;
use crate::commands::load::Loaded;
use crate::compile::DeferRule;
use crate::compile::Deferral;
use crate::config::flags::Command;
use crate::graph::Index;
use crate::node::Aspect;
use crate::project::Project;
use crate::select::EarlierNodes;
use crate::select::MissingLook;
use crate::select::Past;
use crate::state;
use crate::state::Comparison;
use crate::state::Places;
use jiff::Timestamp;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use std::path::Path;

/// The files of the folders that `--state` and `--defer-state` name, as far as they are there.
#[derive(Debug, Default)]
pub(super) struct Files {
    manifest: Option<state::Earlier>,
    run: Option<EarlierRun>,
    looks: Looks,
    /// What to defer to, where that is another manifest.
    defer_to: Option<state::Earlier>,
}

/// The latest times of sources, as an earlier look and the last one found them.
#[derive(Debug, Default)]
struct Looks {
    earlier: Option<Times>,
    last: Option<Times>,
}

type Times = FxHashMap<String, Option<Timestamp>>;

/// Reads the folders. A file that cannot be understood ends the command.
pub(super) fn read(desk: &Desk, project: &Project) -> Result<Files, Told> {
    let root = &project.root.root;
    let unusable = |error: Unusable| desk.stop(told(&error));
    let mut files = Files::default();
    if let Some(folder) = desk.flags.state.as_ref().map(|path| root.join(path)) {
        let target = root.join(&project.target_path);
        if fs::canonical(&folder) == fs::canonical(&target) {
            desk.check(vec![same_folder(&project.target_path)])?;
        }
        files.manifest = earlier::manifest(&folder).map_err(unusable)?;
        files.run = earlier::run_results(&folder).map_err(unusable)?;
        files.looks.earlier = earlier::freshness(&folder).map_err(unusable)?;
        files.looks.last = earlier::freshness(&target).map_err(unusable)?;
    }
    if let Some(folder) = desk.flags.defer_state.as_ref().map(|path| root.join(path)) {
        files.defer_to = earlier::manifest(&folder).map_err(unusable)?;
    }
    Ok(files)
}

impl Loaded {
    /// The project beside what its earlier manifest says.
    pub(super) fn comparison(&self, desk: &Desk) -> Option<Comparison<'_>> {
        let places = match desk
            .flags
            .behaviour("state_modified_compare_more_unrendered_values")
        {
            true => Places::AsWritten,
            false => Places::Rendered,
        };
        let earlier = self.past.manifest.as_ref()?;
        let registry = self.engine.registry();
        Some(Comparison::new(&self.graph, registry, earlier, places))
    }

    /// Where to read nodes that are not built here; told and refused where a manifest is missing.
    pub(super) fn deferral(&self, desk: &Desk) -> Result<Deferral, Told> {
        let command = desk.flags.command;
        let is_asked_for = desk.flags.defer && command != Command::RunOperation;
        if !is_asked_for && command != Command::Clone {
            return Ok(Deferral::default());
        }
        let rule = match (desk.flags.defer, desk.flags.favor_state) {
            (false, _) => DeferRule::Never,
            (true, false) => DeferRule::WhereMissing,
            (true, true) => DeferRule::FavorOther,
        };
        let named = desk
            .flags
            .defer_state
            .as_ref()
            .or(desk.flags.state.as_ref());
        let named = named.ok_or_else(|| desk.stop(nothing_to_defer_to()))?;
        let earlier = match desk.flags.defer_state {
            Some(_) => self.past.defer_to.as_ref(),
            None => self.past.manifest.as_ref(),
        };
        let earlier = earlier.ok_or_else(|| desk.stop(no_manifest(named)))?;
        Ok(Deferral {
            relations: state::relations(&self.graph, earlier),
            rule,
        })
    }
}

impl Files {
    /// What the selection asks the past for.
    pub(super) fn for_selection<'a>(&self, nodes: Option<&'a dyn EarlierNodes>) -> Past<'a> {
        let statuses = self.run.as_ref().map(|run| {
            let results = run.results.iter();
            results
                .map(|result| (result.unique_id.clone(), result.status.clone()))
                .collect()
        });
        Past {
            nodes,
            statuses,
            fresher: self.looks.fresher(),
        }
    }

    /// A folder that was named but is not there is a mistake, whether or not anything was asked of it.
    pub(super) fn check(&self, desk: &Desk, project: &Project) -> Result<(), Told> {
        let named = [&desk.flags.state, &desk.flags.defer_state];
        for path in named.into_iter().flatten() {
            if !fs::is_dir(&project.root.root.join(path)) {
                return Err(desk.stop(no_manifest(path)));
            }
        }
        Ok(())
    }
}

impl Looks {
    fn fresher(&self) -> Result<FxHashSet<String>, MissingLook> {
        let earlier = self.earlier.as_ref().ok_or(MissingLook::Earlier)?;
        let last = self.last.as_ref().ok_or(MissingLook::Present)?;
        let newer = last.iter().filter(|(id, latest)| {
            let before = earlier.get(*id).copied().flatten();
            latest.is_some() && (before.is_none() || **latest > before)
        });
        Ok(newer.map(|(id, _)| id.clone()).collect())
    }
}

impl EarlierNodes for Comparison<'_> {
    fn has(&self, index: Index) -> bool {
        Comparison::has(self, index)
    }

    fn differs(&self, index: Index, aspect: Aspect, bag: &Bag) -> bool {
        Comparison::differs(self, index, aspect, bag)
    }

    fn tell_of_removed(&self, bag: &Bag) {
        Comparison::tell_of_removed(self, bag);
    }
}

fn told(error: &Unusable) -> Diagnostic {
    Diagnostic::error("unusable-artifact", error.to_string()).headline("Runtime Error")
}

fn no_manifest(path: &str) -> Diagnostic {
    let message = format!("Could not find manifest in --state path: \"{path}\"");
    Diagnostic::error("no-earlier-manifest", message)
        .hint("name a folder that holds the manifest.json of an earlier call")
        .headline("Runtime Error")
}

fn nothing_to_defer_to() -> Diagnostic {
    let message = "--state or --defer-state are required for deferral, but neither was provided";
    Diagnostic::error("no-earlier-manifest", message)
        .hint("name the folder of the other environment's manifest.json with `--state`")
        .headline("Runtime Error")
}

fn same_folder(target: &str) -> Diagnostic {
    let message = format!(
        "The state and target directories are the same: '{}'. This could lead to missing changes \
         due to overwritten state including non-idempotent retries.",
        Path::new(target).display()
    );
    Diagnostic::warning("state-is-target", message)
        .hint("copy the artifacts to another folder first")
        .event("WarnStateTargetEqual")
}
