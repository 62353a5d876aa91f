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
mod tests;
mod unit_tests;
mod versions;
mod wrong_settings;

use crate::base::Bag;
use crate::node::DocBlock;
use crate::node::Group;
use crate::node::MacroDoc;
use crate::node::Node;
use crate::node::Resource;
use patches::Patches;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

pub use capture::function_arguments;
pub use capture::metric_arguments;
pub use capture::reference_arguments;
pub use capture::source_arguments;
pub use files::is_generic as is_generic_test;
pub use site::Inputs;
use site::Site;
pub use tests::KWARGS as TEST_KWARGS;
pub use tests::arguments as test_arguments;

/// Everything that the files of a project declare.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Disabled ones included, in no order that means anything.
    pub nodes: Vec<Node>,
    pub groups: Vec<Group>,
    pub docs: Vec<DocBlock>,
    pub macro_docs: Vec<MacroDoc>,
}

/// Reads all files of a project and its packages.
pub fn all(inputs: &Inputs<'_>, bag: &Bag) -> Parsed {
    let site = Site::new(inputs, bag);
    let mut properties = site.properties();
    properties.sources = overrides::applied(properties.sources, bag);
    let patches = Patches::new(properties.patches, bag);
    let mut drafts = files::drafts(&site, &patches);
    drafts.extend(hooks::drafts(&site));
    let mut found = Vec::with_capacity(drafts.len());
    make(&site, drafts, &mut found);
    patches.report_unused(bag);
    patches.report_ambiguous(&found, bag);
    let tables: Vec<_> = properties
        .sources
        .iter()
        .flat_map(|entry| sources::tables(entry, bag))
        .collect();
    let made = tables.par_iter().map(|table| sources::node(&site, table));
    keep(made.collect(), &mut found, bag);
    found.extend(
        properties
            .exposures
            .par_iter()
            .filter_map(|entry| exposures::node(&site, entry))
            .collect::<Vec<_>>(),
    );
    let semantic = semantic::nodes(&site, &properties.semantic, &found);
    found.extend(semantic);
    let tests = tests::drafts(&site, &found, &patches, &tables);
    make(&site, tests, &mut found);
    let unit_tests = properties.unit_tests.par_iter();
    let made = unit_tests.flat_map(|entry| unit_tests::nodes(&site, entry, &found));
    keep(made.collect(), &mut found, bag);
    primary_keys::note_primary_keys(&mut found);
    report_duplicates(&site, &found);
    let groups = groups::read(&site, &properties.groups);
    groups::check(&found, &groups, bag);
    site.report_unused_settings(&found);
    notices::names(&site, &found);
    notices::modules(&site, &found);
    notices::macros(&site, &properties.macros);
    let macro_docs = macro_docs::described(&site, properties.macros);
    Parsed {
        nodes: found,
        groups,
        docs: site.into_docs(),
        macro_docs,
    }
}

/// How many nodes are made before they join the others: enough for all cores, little memory.
const AT_ONCE: usize = 2048;

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
fn report_duplicates(site: &Site<'_>, nodes: &[Node]) {
    let bag = site.bag;
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
