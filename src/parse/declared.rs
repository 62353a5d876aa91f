//! Nodes that stand in properties files alone: exposures, semantic models, metrics, saved queries.
//! Tables of sources and unit tests (`sources`, `unit_tests`) begin with the same record.

use crate::base::Place;
use crate::config::NodeConfig;
use crate::node::Columns;
use crate::node::Detail;
use crate::node::Node;
use crate::node::Render;
use crate::node::Resource;
use crate::node::UniqueId;
use crate::parse::files;
use crate::parse::nodes;
use crate::parse::project_settings;
use crate::parse::properties::Entry;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;

/// What an entry says about its node before the part that only its kind has.
pub(super) struct Written<'a> {
    pub entry: &'a Entry,
    pub resource: Resource,
    pub name: String,
    pub description: String,
    /// What stands below `config:`.
    pub config: Map<String, Value>,
}

/// The node of one entry, without references.
pub(super) fn node(site: &Site<'_>, written: Written<'_>, detail: Detail) -> Node {
    let entry = written.entry;
    let package = entry.package.as_str();
    let (path, below) = paths(site, entry);
    let fqn = fqn(site, entry, &written.name);
    let (config, unrendered_config) = settings(site, &written, &fqn);
    let place = entry.yaml.place_of("name");
    let known = Known {
        entry,
        place: &place,
        resource: written.resource,
        unique_id: format!("{}.{package}.{}", written.resource.as_str(), written.name),
        path: below,
        original_file_path: path,
        fqn,
        config,
        unrendered_config,
        described: site.described(&written.description, package, &place),
        name: written.name,
    };
    record(site, known, detail)
}

/// What is known of an entry once its settings are laid over each other.
pub(super) struct Known<'a> {
    pub entry: &'a Entry,
    /// Where its name stands.
    pub place: &'a Place,
    pub resource: Resource,
    pub unique_id: String,
    pub name: String,
    /// Below the folder of its kind.
    pub path: String,
    /// Below its package.
    pub original_file_path: String,
    pub fqn: Vec<String>,
    pub config: NodeConfig,
    /// As written, before Jinja.
    pub unrendered_config: Map<String, Value>,
    /// Its description, and the docs blocks in it.
    pub described: (String, Vec<String>),
}

/// The record of an entry: without code, nowhere in the warehouse, asking for nothing.
pub(super) fn record(site: &Site<'_>, known: Known<'_>, detail: Detail) -> Node {
    let (description, doc_blocks) = known.described;
    Node {
        unique_id: UniqueId::new(known.unique_id),
        resource: known.resource,
        package: known.entry.package.clone(),
        path: known.path,
        original_file_path: known.original_file_path,
        code: None,
        first_line: known.place.line_col().0,
        file: known.entry.file.clone(),
        fqn: known.fqn,
        database: String::new(),
        schema: String::new(),
        alias: known.name.clone(),
        relation_name: None,
        checksum: String::new(),
        raw_code: "".into(),
        language: "sql",
        tags: Vec::new(),
        meta: known.config.meta().into(),
        config: known.config,
        unrendered_config: known.unrendered_config.into(),
        description,
        doc_blocks,
        columns: Columns::default(),
        patch_path: None,
        refs: Vec::new(),
        sources: Vec::new(),
        metrics: Vec::new(),
        functions: Vec::new(),
        macros: Vec::new(),
        render: Render::Ahead,
        created_at: site.created_at,
        name: known.name,
        detail,
    }
}

/// Path of its file below its package, and below the folder of its kind.
pub(super) fn paths(site: &Site<'_>, entry: &Entry) -> (String, String) {
    let path = site.path_in_package(&entry.package, &entry.file);
    let below = site.below_kind_folder(&entry.package, path);
    (path.to_string(), below.to_string())
}

/// Package, folders of its file and its name.
pub(super) fn fqn(site: &Site<'_>, entry: &Entry, name: &str) -> Vec<String> {
    let mut fqn = files::fqn(&entry.package, &paths(site, entry).1);
    *fqn.last_mut().expect("a fqn has a package and a name") = name.to_string();
    fqn
}

/// The settings from all layers, and all as written.
fn settings(
    site: &Site<'_>,
    written: &Written<'_>,
    fqn: &[String],
) -> (NodeConfig, Map<String, Value>) {
    let package = written.entry.package.as_str();
    let resource = written.resource;
    let mut layers = Vec::new();
    for tree in site.setting_trees(package, resource) {
        layers.extend(project_settings::layers(tree, fqn));
    }
    layers.push(written.config.clone());
    let mut config = NodeConfig::new(nodes::family(resource));
    for layer in layers {
        for (key, value) in layer {
            // An exposure's own words about itself stand alone.
            match (resource, key.as_str()) {
                (Resource::Exposure, "meta" | "tags") => config.put(&key, own(&key, value)),
                _ => config.set(&key, value),
            }
        }
    }
    let mut unrendered = Map::new();
    let in_project = site.unrendered_setting_trees(package, resource);
    // dbt notes those of the project for exposures and metrics alone.
    let is_noted = matches!(resource, Resource::Exposure | Resource::Metric);
    for tree in in_project.filter(|_| is_noted) {
        for layer in project_settings::layers(tree, fqn) {
            unrendered.extend(layer);
        }
    }
    unrendered.extend(written.config.clone());
    (config, unrendered)
}

fn own(key: &str, value: Value) -> Value {
    match key {
        "tags" => crate::config::keys::as_list(value),
        _ => value,
    }
}

/// Tags of two places, each once, in the order of the alphabet.
pub(super) fn sorted_tags(own: Vec<String>, more: Vec<String>) -> Vec<String> {
    let tags: std::collections::BTreeSet<String> = own.into_iter().chain(more).collect();
    tags.into_iter().collect()
}

/// The texts of a list.
pub(super) fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().map_or(&[][..], Vec::as_slice);
    items
        .iter()
        .filter_map(|item| item.as_str().map(str::to_string))
        .collect()
}
