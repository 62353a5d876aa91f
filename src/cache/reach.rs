//! What an edit can reach: the files that have to be read again because others have changed.

use crate::cache::listing::Edits;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Resource;
use crate::node::version_text;
use crate::parse;
use crate::parse::Parsed;
use crate::project::Project;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// What other files see of the nodes of some files: their ids, whether each is there, which version is
/// the latest. While that stays, nobody else has to be asked again.
pub(super) type Face = BTreeMap<String, (bool, Option<String>, Option<String>)>;

/// The files to read again, starting from those that changed and those that used what changed.
pub(super) struct Reach<'a> {
    project: &'a Project,
    prefixes: FxHashMap<&'a str, &'a str>,
    pub files: FxHashSet<String>,
}

impl<'a> Reach<'a> {
    pub(super) fn new(project: &'a Project, start: FxHashSet<String>) -> Self {
        let prefixes = project.packages();
        let prefixes = prefixes.map(|p| (p.name.as_str(), p.shown_prefix.as_str()));
        Reach {
            project,
            prefixes: prefixes.collect(),
            files: start,
        }
    }

    /// Adds what cannot be read apart: the properties of a node, all nodes of a properties file and
    /// those that it names now, the unit tests of a model.
    pub(super) fn spread(&mut self, nodes: &[Node]) {
        let tests = unit_tests(nodes);
        self.add_newly_named(nodes);
        loop {
            let before = self.files.len();
            for node in nodes {
                self.spread_over(node, &tests);
            }
            if self.files.len() == before {
                return;
            }
        }
    }

    /// Properties files that changed may describe nodes that they did not describe before. What they
    /// name is read off their text; that nothing was missed is checked when they are parsed.
    fn add_newly_named(&mut self, nodes: &[Node]) {
        let properties = self.project.packages().flat_map(|p| &p.files.properties);
        let changed = properties.filter(|file| self.files.contains(&file.source.shown));
        let names: FxHashSet<&str> = changed.flat_map(|file| named(file.source.text())).collect();
        if names.is_empty() {
            return;
        }
        let is_named = |node: &&Node| {
            let stem = parse::stem(&node.path);
            let base = stem.rsplit_once(['_', '.']).map_or(stem, |(base, _)| base);
            [node.name.as_str(), stem, base]
                .iter()
                .any(|name| names.contains(name))
        };
        let named = nodes.iter().filter(is_named);
        self.files.extend(named.map(|node| node.file.shown.clone()));
    }

    fn spread_over(&mut self, node: &Node, tests: &FxHashMap<(&str, &str), Vec<&str>>) {
        let properties = self.properties_of(node);
        let is_in = self.files.contains(&node.file.shown)
            || properties
                .as_ref()
                .is_some_and(|file| self.files.contains(file));
        if !is_in {
            return;
        }
        if !self.files.contains(&node.file.shown) {
            self.files.insert(node.file.shown.clone());
        }
        self.files.extend(properties);
        if node.resource == Resource::Model {
            let key = (node.package.as_str(), node.name.as_str());
            let files = tests.get(&key).into_iter().flatten();
            self.files.extend(files.map(|file| file.to_string()));
        }
    }

    /// The properties file that describes a node.
    fn properties_of(&self, node: &Node) -> Option<String> {
        let (package, path) = node.patch_path.as_ref()?.split_once("://")?;
        let prefix = self.prefixes.get(package).copied().unwrap_or_default();
        Some(format!("{prefix}{path}"))
    }

    /// Whether a node is made of one of the files.
    pub(super) fn takes(&self, node: &Node) -> bool {
        self.files.contains(&node.file.shown)
            || self
                .properties_of(node)
                .is_some_and(|file| self.files.contains(&file))
    }

    pub(super) fn face(&self, nodes: &[Node]) -> Face {
        let own = nodes.iter().filter(|node| {
            !matches!(node.resource, Resource::Test | Resource::UnitTest) && self.takes(node)
        });
        own.map(|node| (node.unique_id.to_string(), face(node)))
            .collect()
    }

    /// Whether the files have to be read together with all others.
    pub(super) fn is_whole(&self, edits: &Edits, parsed: &Parsed) -> bool {
        let packages = self.project.packages();
        let mut quoted = packages.flat_map(|p| p.files.docs.iter().chain(&p.files.fixtures));
        quoted.any(|file| edits.edited.contains(&file.source.shown))
            || parsed.tangled.iter().any(|file| self.files.contains(file))
            || parsed.told.iter().any(|told| told.place.is_none())
    }
}

/// The words that stand after `name:` or `defined_in:`, without quotes.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let keys = ["name:", "defined_in:"];
    let after = keys.into_iter().flat_map(move |key| {
        let found = text.match_indices(key);
        found.map(move |(at, _)| text[at + key.len()..].trim_start_matches([' ', '"', '\'']))
    });
    after.map(|rest| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "_-. ".contains(c)));
        rest[..end.unwrap_or(rest.len())].trim_end()
    })
}

fn face(node: &Node) -> (bool, Option<String>, Option<String>) {
    let latest = match &node.detail {
        Detail::Model(model) => model.latest_version.as_deref().map(version_text),
        _ => None,
    };
    let version = node.version().map(version_text);
    (node.is_enabled(), version, latest)
}

/// The files of unit tests by package and name of the model.
fn unit_tests(nodes: &[Node]) -> FxHashMap<(&str, &str), Vec<&str>> {
    let mut files: FxHashMap<_, Vec<&str>> = FxHashMap::default();
    for node in nodes {
        if let Detail::UnitTest(test) = &node.detail {
            let key = (node.package.as_str(), test.model.as_str());
            files.entry(key).or_default().push(&node.file.shown);
        }
    }
    files
}
