//! What properties files say about nodes, found by the node.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::diagnostic::nearest;
use crate::node::Node;
use crate::node::Resource;
use crate::node::version_text;
use crate::parse::properties::Patch;
use rustc_hash::FxHashMap;
use serde_json::Value;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

type Key = (&'static str, String, String);

#[derive(Debug, Default)]
pub(super) struct Patches {
    by_name: FxHashMap<Key, Vec<Entry>>,
    /// Versions of models by package and file name: the key above and the position below it.
    by_file: FxHashMap<(String, String), (Key, usize)>,
}

#[derive(Debug)]
struct Entry {
    patch: Patch,
    is_used: AtomicBool,
}

impl Patches {
    /// Patches by name; a second one for the same node is a mistake.
    pub(super) fn new(patches: Vec<Patch>, bag: &Bag) -> Self {
        let mut by_name: FxHashMap<Key, Vec<Entry>> = FxHashMap::default();
        let mut by_file = FxHashMap::default();
        for patch in patches {
            let key = (patch.section, patch.package.clone(), patch.name.clone());
            // Few nodes have a second one.
            let one = || Vec::with_capacity(1);
            let entries = by_name.entry(key.clone()).or_insert_with(one);
            if let Some(first) = entries
                .iter()
                .find(|entry| same_version(&entry.patch, &patch))
            {
                bag.add(duplicate(&first.patch, &patch));
                continue;
            }
            if let Some(version) = &patch.version {
                by_file.insert(
                    (patch.package.clone(), version.defined_in.clone()),
                    (key, entries.len()),
                );
            }
            entries.push(Entry {
                patch,
                is_used: AtomicBool::new(false),
            });
        }
        Patches { by_name, by_file }
    }

    /// The patch of a node by its name, or, for a version of a model, by its file's name.
    /// A seed described under `models:` (and the like) is found too: `ref()` does not tell them apart.
    pub(super) fn of(
        &self,
        resource: Resource,
        package: &str,
        file_stem: &str,
        bag: &Bag,
    ) -> Option<&Patch> {
        let own = section(resource)?;
        let plain = |section: &'static str| {
            let entries =
                self.by_name
                    .get(&(section, package.to_string(), file_stem.to_string()))?;
            entries.iter().find(|entry| entry.patch.version.is_none())
        };
        let others = REFABLE
            .iter()
            .filter(|section| REFABLE.contains(&own) && **section != own);
        let entry = plain(own)
            .or_else(|| self.version_in(own, package, file_stem))
            .or_else(|| others.into_iter().find_map(|section| plain(section)))?;
        if entry.patch.section != own {
            bag.add(misplaced(&entry.patch, resource, own));
        }
        entry.is_used.store(true, Ordering::Relaxed);
        Some(&entry.patch)
    }

    /// All patches, for what else they declare.
    pub(super) fn used(&self) -> impl Iterator<Item = &Patch> {
        let entries = self
            .by_name
            .values()
            .flatten()
            .filter(|entry| entry.is_used.load(Ordering::Relaxed));
        entries.map(|entry| &entry.patch)
    }

    /// Patches of YAML snapshots, which have no file of their own.
    pub(super) fn snapshots(&self) -> impl Iterator<Item = &Patch> {
        let entries = self.by_name.values().flatten().map(|entry| &entry.patch);
        entries.filter(|patch| patch.section == "snapshots" && patch.relation.is_some())
    }

    /// Warns of patches that no node answers to.
    pub(super) fn report_unused(&self, bag: &Bag) {
        for entry in self.by_name.values().flatten() {
            if !entry.is_used.load(Ordering::Relaxed) {
                bag.add(self.unused(&entry.patch));
            }
        }
    }

    /// Tells of patches that would enable several nodes of one name, each disabled in its own file.
    pub(super) fn report_ambiguous(&self, nodes: &[Node], bag: &Bag) {
        let enabling = self.used().filter(|patch| enables(patch));
        for patch in enabling {
            let of_patch = nodes.iter().filter(|node| {
                section(node.resource) == Some(patch.section)
                    && (&node.package, &node.name) == (&patch.package, &patch.name)
                    && node.version() == patch.version.as_ref().map(|v| &v.version)
            });
            let (on, off): (Vec<_>, Vec<_>) = of_patch.partition(|node| node.is_enabled());
            if on.is_empty() && off.len() > 1 {
                bag.add(ambiguous(patch, &off));
            }
        }
    }

    /// The version whose `defined_in`, or else whose `name_v1` or `name.v1`, is this file.
    fn version_in(&self, section: &'static str, package: &str, file_stem: &str) -> Option<&Entry> {
        if section != "models" {
            return None;
        }
        let at = |stem: &str| self.by_file.get(&(package.to_string(), stem.to_string()));
        if let Some((key, position)) = at(file_stem).or_else(|| at(&file_stem.replace(".v", "_v")))
        {
            return self.by_name.get(key)?.get(*position);
        }
        let key = (section, package.to_string(), file_stem.to_string());
        self.by_name
            .get(&key)?
            .iter()
            .find(|entry| is_bare(&entry.patch))
    }

    fn unused(&self, patch: &Patch) -> Diagnostic {
        let version = patch.version.as_ref();
        let name = version.map_or(&patch.name, |version| &version.defined_in);
        let same_section = self.by_name.keys().filter(|key| key.0 == patch.section);
        let near = nearest(
            &patch.name,
            same_section
                .map(|key| key.2.as_str())
                .filter(|name| *name != patch.name),
        );
        Diagnostic::warning(
            "no-node-for-properties",
            format!(
                "Did not find matching node for patch with name '{name}' in the '{}' section of file '{}'",
                patch.section, patch.file.shown
            ),
        )
        .at(patch.place.clone())
        .note("nothing of this name is in the project")
        .maybe_hint(near.map(|name| format!("did you mean `{name}`?")))
        .event("NoNodeForYamlKey")
        .field("patch_name", patch.name.as_str())
        .field("yaml_key", patch.section)
        .field("file_path", patch.file.shown.as_str())
    }
}

/// Whether it is the latest version, whose file may go without a version in its name.
fn is_bare(patch: &Patch) -> bool {
    let version = patch.version.as_ref();
    version.is_some_and(|v| !v.is_placed && version_text(&v.version) == version_text(&v.latest))
}

/// Sections that describe what `ref()` can name.
const REFABLE: [&str; 3] = ["models", "seeds", "snapshots"];

fn misplaced(patch: &Patch, resource: Resource, section: &str) -> Diagnostic {
    let message = format!(
        "'{}' is a {} node, but it is specified in the {} section of {}",
        patch.name,
        resource.as_str(),
        patch.section,
        patch.file.shown
    );
    Diagnostic::warning("wrong-section", message)
        .at(patch.place.clone())
        .hint(format!("move it below `{section}:`"))
        .event("WrongResourceSchemaFile")
        .field("patch_name", patch.name.as_str())
        .field("resource_type", resource.as_str())
        .field("plural_resource_type", section)
        .field("yaml_key", patch.section)
        .field("file_path", patch.file.shown.as_str())
}

fn enables(patch: &Patch) -> bool {
    patch.config.get("enabled") == Some(&Value::Bool(true))
}

fn ambiguous(patch: &Patch, nodes: &[&Node]) -> Diagnostic {
    let message = format!(
        "Found {} matching disabled nodes for '{}'. Properties cannot tell which of them to enable",
        nodes.len(),
        patch.name
    );
    let found = Diagnostic::error("ambiguous-properties", message)
        .at(patch.place.clone())
        .hint("enable one of them in dbt_project.yml or in its own file")
        .headline("Parsing Error");
    nodes.iter().fold(found, |found, node| {
        found.related(Place::line(&node.file, node.first_line), "disabled here")
    })
}

fn section(resource: Resource) -> Option<&'static str> {
    match resource {
        Resource::Model => Some("models"),
        Resource::Seed => Some("seeds"),
        Resource::Snapshot => Some("snapshots"),
        Resource::Analysis => Some("analyses"),
        Resource::Function => Some("functions"),
        Resource::Test => Some("data_tests"),
        _ => None,
    }
}

fn same_version(a: &Patch, b: &Patch) -> bool {
    a.version.as_ref().map(|v| &v.version) == b.version.as_ref().map(|v| &v.version)
}

fn duplicate(first: &Patch, second: &Patch) -> Diagnostic {
    Diagnostic::error(
        "duplicate-properties",
        format!(
            "dbt found two schema.yml entries for the same resource named {}; each resource can be described once",
            second.name
        ),
    )
    .at(second.place.clone())
    .related(first.place.clone(), "the other description is here")
    .hint("move both into one entry")
}
