//! Project files to nodes: properties read, code captured, settings merged, names asked for.
//! Promise: no connection is opened; one broken file does not hide the mistakes of the next.
//! Not here: which node a name means (`graph`), final SQL (`compile`).

mod capture;
mod clashes;
mod columns;
mod constraints;
mod contracts;
mod declared;
mod docs;
mod exposures;
mod fields;
mod files;
mod fixtures;
mod functions;
mod generic_tests;
mod groups;
mod hooks;
mod macro_docs;
mod names;
mod node_settings;
mod nodes;
mod notices;
mod overrides;
mod own_hooks;
mod patches;
mod primary_keys;
mod project_settings;
mod properties;
mod python;
mod semantic;
mod shape;
mod site;
mod source_ages;
mod sources;
mod stand_in;
mod strange_keys;
mod tangles;
mod tests;
mod unit_test_sum;
mod unit_tests;
mod uses;
mod versions;
mod wrong_settings;

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::node::DocBlock;
use crate::node::Group;
use crate::node::MacroDoc;
use crate::node::Node;
use crate::node::Resource;
use patches::Patches;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

pub use capture::function_arguments;
pub use capture::metric_arguments;
pub use capture::reference_arguments;
pub use capture::source_arguments;
pub use files::is_generic as is_generic_test;
pub use files::stem;
use properties::Properties;
use site::Extent;
pub use site::Inputs;
use site::Site;
pub use tests::KWARGS as TEST_KWARGS;
pub use tests::arguments as test_arguments;
pub use uses::Uses;
pub use uses::UsesByFile;

/// Everything that the files of a project declare.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Disabled ones included, in the order of their ids.
    pub nodes: Vec<Node>,
    pub groups: Vec<Group>,
    pub docs: Vec<DocBlock>,
    pub macro_docs: Vec<MacroDoc>,
    /// What is to be said about single files, ordered by place. It is in the bag as well.
    pub told: Vec<Diagnostic>,
    /// The same about all of them together.
    pub overall: Vec<Diagnostic>,
    pub uses: UsesByFile,
    /// Shown paths of files that cannot be read again without others: see [`again`].
    pub tangled: BTreeSet<String>,
}

/// Reads all files of a project and its packages.
pub fn all(inputs: &Inputs<'_>, bag: &Bag) -> Parsed {
    let told = Bag::new();
    let site = Site::new(inputs, Extent::Whole, &told);
    let properties = site.properties();
    let mut parsed = Parsed::default();
    read(&site, properties, &mut parsed);
    close(site, parsed, bag)
}

/// Reads some files again, by their shown paths; the rest is what an earlier parse of the same project
/// found in all other files. The caller sees to it that no node and no file of properties is on both
/// sides: a file comes with the properties of its nodes, and these with all nodes that they describe.
///
/// `None` where one of the files is [tangled](Parsed::tangled) or describes a node of the rest: then
/// all have to be read.
pub fn again(
    inputs: &Inputs<'_>,
    files: &FxHashSet<String>,
    mut rest: Parsed,
    bag: &Bag,
) -> Option<Parsed> {
    let told = Bag::new();
    let docs = std::mem::take(&mut rest.docs);
    let site = Site::new(inputs, Extent::Files(files, &docs), &told);
    let properties = site.properties();
    if !tangles::in_properties(&properties).is_empty() {
        return None;
    }
    if properties
        .patches
        .iter()
        .any(|patch| patch.is_of_any(&rest.nodes))
    {
        return None;
    }
    told.extend(std::mem::take(&mut rest.told));
    read(&site, properties, &mut rest);
    Some(close(site, rest, bag))
}

/// Adds what the files of the site hold.
fn read(site: &Site<'_>, mut properties: Properties, parsed: &mut Parsed) {
    parsed.tangled.extend(tangles::in_properties(&properties));
    properties.sources = overrides::applied(properties.sources, site.bag);
    let found = &mut parsed.nodes;
    let first = found.len();
    let patches = Patches::new(properties.patches, site.bag);
    let mut drafts = files::drafts(site, &patches);
    drafts.extend(hooks::drafts(site));
    make(site, drafts, found);
    patches.report_unused(site.bag);
    patches.report_ambiguous(&found[first..], site.bag);
    let tables: Vec<_> = properties
        .sources
        .iter()
        .flat_map(|entry| sources::tables(entry, site.bag))
        .collect();
    let made = tables.par_iter().map(|table| sources::node(site, table));
    keep(made.collect(), found, site.bag);
    found.extend(
        properties
            .exposures
            .par_iter()
            .filter_map(|entry| exposures::node(site, entry))
            .collect::<Vec<_>>(),
    );
    let semantic = semantic::nodes(site, &properties.semantic, found);
    parsed
        .tangled
        .extend(tangles::of_semantics(&semantic, found));
    found.extend(semantic);
    let tests = tests::asked(&found[first..], &patches, &tables);
    make_tests(site, &tests, first, found);
    let unit_tests = properties.unit_tests.par_iter();
    let made = unit_tests.flat_map(|entry| unit_tests::nodes(site, entry, found));
    keep(made.collect(), found, site.bag);
    notices::modules(site, &found[first..]);
    notices::macros(site, &properties.macros);
    parsed.groups.extend(groups::read(site, &properties.groups));
    let macro_docs = macro_docs::described(site, properties.macros);
    parsed.macro_docs.extend(macro_docs);
}

/// Settles what only all nodes together tell, and says what is to be said about them.
fn close(site: Site<'_>, mut parsed: Parsed, bag: &Bag) -> Parsed {
    let nodes = &mut parsed.nodes;
    nodes.sort_by(|a, b| a.unique_id.cmp(&b.unique_id));
    primary_keys::note_primary_keys(nodes);
    let overall = Bag::new();
    report_duplicates(&site, nodes, &overall);
    fixtures::report_clashes(&site, &overall);
    groups::check(nodes, &parsed.groups, &overall);
    site.report_unused_settings(nodes, &overall);
    notices::names(&site, nodes, &overall);
    parsed.overall = overall.take();
    bag.extend(parsed.overall.iter().cloned());
    parsed.told = site.bag.take();
    bag.extend(parsed.told.iter().cloned());
    parsed.uses.extend(site.take_uses());
    parsed.docs = site.into_docs();
    parsed
}

/// How many nodes are made before they join the others: enough for all cores, little memory.
const AT_ONCE: usize = 1024;

/// Makes nodes of drafts, side by side.
fn make(site: &Site<'_>, drafts: Vec<nodes::Draft<'_>>, found: &mut Vec<Node>) {
    found.reserve_exact(drafts.len());
    let mut drafts = drafts.into_iter();
    while drafts.len() > 0 {
        let batch: Vec<_> = drafts.by_ref().take(AT_ONCE).collect();
        let made = batch.into_par_iter().map(|draft| nodes::make(site, draft));
        keep(made.collect(), found, site.bag);
    }
}

/// Makes the nodes of tests; those that they test come after `first`.
fn make_tests(site: &Site<'_>, tests: &[tests::Asked<'_>], first: usize, found: &mut Vec<Node>) {
    found.reserve_exact(tests.len());
    for batch in tests.chunks(AT_ONCE) {
        let tested = &found[first..];
        let made = batch.par_iter().map(|asked| {
            let draft = tests::draft(site, tested, asked);
            nodes::make(site, draft)
        });
        keep(made.collect(), found, site.bag);
    }
}

/// Adds what could be made to the nodes; the rest is told.
fn keep(made: Vec<nodes::Made>, found: &mut Vec<Node>, bag: &Bag) {
    for result in made {
        match result {
            Ok(node) => found.push(node),
            Err(diagnostic) => bag.add(*diagnostic),
        }
    }
}

/// Two enabled nodes with one id, two that `ref()` cannot tell apart, two that are one relation.
fn report_duplicates(site: &Site<'_>, nodes: &[Node], bag: &Bag) {
    let one_name = site
        .flags()
        .behaviour("require_unique_project_resource_names");
    let mut names = FxHashMap::default();
    let mut relations: FxHashMap<String, &Node> = FxHashMap::default();
    for node in nodes.iter().filter(|node| node.is_enabled()) {
        let version = node.version().map(serde_json::Value::to_string);
        let key = match node.resource {
            resource if resource.is_refable() => {
                let kind = if one_name { Resource::Model } else { resource };
                (kind, &node.package, node.name.as_str(), version)
            }
            resource => (resource, &node.package, node.unique_id.as_str(), None),
        };
        if let Some(first) = names.insert(key, node) {
            bag.add(
                versions::mixed(first, node).unwrap_or_else(|| clashes::duplicate(first, node)),
            );
            continue;
        }
        let is_written = node.resource.is_refable() && !node.is_ephemeral();
        if let Some(relation) = node.relation_name.as_ref().filter(|_| is_written)
            && let Some(first) = relations.insert(relation.to_lowercase(), node)
        {
            bag.add(clashes::same_relation(first, node, relation));
        }
    }
}
