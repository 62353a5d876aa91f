//! Project files to nodes: properties read, code captured, settings merged, names asked for.
//! Promise: no connection is opened; one broken file does not hide the mistakes of the next.
//! Not here: which node a name means (`graph`), final SQL (`compile`).

mod capture;
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
    let made: Vec<nodes::Made> = drafts
        .into_par_iter()
        .map(|draft| nodes::make(&site, draft))
        .collect();
    let mut found = keep(made, bag);
    patches.report_unused(bag);
    patches.report_ambiguous(&found, bag);
    let tables: Vec<_> = properties
        .sources
        .iter()
        .flat_map(|entry| sources::tables(entry, bag))
        .collect();
    found.extend(keep(
        tables
            .par_iter()
            .map(|table| sources::node(&site, table))
            .collect(),
        bag,
    ));
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
    found.extend(keep(
        tests
            .into_par_iter()
            .map(|draft| nodes::make(&site, draft))
            .collect(),
        bag,
    ));
    found.extend(keep(
        properties
            .unit_tests
            .par_iter()
            .flat_map(|entry| unit_tests::nodes(&site, entry, &found))
            .collect(),
        bag,
    ));
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

fn keep(made: Vec<nodes::Made>, bag: &Bag) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(made.len());
    for result in made {
        match result {
            Ok(node) => nodes.push(node),
            Err(diagnostic) => bag.add(*diagnostic),
        }
    }
    nodes
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
            bag.add(versions::mixed(first, node).unwrap_or_else(|| nodes::duplicate(first, node)));
            continue;
        }
        let is_written = node.resource.is_refable() && !node.is_ephemeral();
        if let Some(relation) = node.relation_name.as_ref().filter(|_| is_written)
            && let Some(first) = relations.insert(relation.to_lowercase(), node)
        {
            bag.add(nodes::same_relation(first, node, relation));
        }
    }
}
