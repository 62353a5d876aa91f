//! The layers of a node's settings: laid over each other, and kept as they were written.
//! Not here: how two values of one key meet (`config`).

use crate::config::NodeConfig;
use crate::config::keys;
use crate::parse::nodes::Draft;
use crate::parse::project_settings;
use crate::parse::properties::Patch;
use crate::parse::site::Owner;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;

/// Lays the settings of a project file over those that are there.
pub(super) fn settings_of_project(
    site: &Site<'_>,
    draft: &Draft<'_>,
    owner: Owner,
    config: &mut NodeConfig,
    unrendered: &mut Map<String, Value>,
) {
    let Some([tree, as_written]) = site.trees_of(draft.package, draft.resource, owner) else {
        return;
    };
    for settings in project_settings::layers(tree, &draft.fqn) {
        config.apply(&settings);
    }
    for settings in project_settings::layers(as_written, &draft.fqn) {
        note(unrendered, &settings);
    }
}

/// What a properties file says, as the comparison with an earlier state takes it.
pub(super) fn written_settings<'p>(site: &Site<'_>, patch: &'p Patch) -> &'p Map<String, Value> {
    let behaviour = "state_modified_compare_more_unrendered_values";
    match site.flags().behaviour(behaviour) {
        true => &patch.config_as_written,
        false => &patch.config,
    }
}

pub(super) fn layer(
    config: &mut NodeConfig,
    unrendered: &mut Map<String, Value>,
    settings: &Map<String, Value>,
) {
    config.apply(settings);
    note(unrendered, settings);
}

/// Keeps settings as written, for artifacts and for the comparison with an earlier state.
pub(super) fn note(unrendered: &mut Map<String, Value>, settings: &Map<String, Value>) {
    for (key, value) in settings {
        unrendered.insert(keys::canonical(key).to_string(), value.clone());
    }
}

/// Several `config()` calls of one file add to each other, also in what is kept as written.
pub(super) fn gather(unrendered: &mut Map<String, Value>, calls: &[Map<String, Value>]) {
    if calls.len() > 1 {
        let said = NodeConfig::together(calls);
        let gathered = ["tags", "meta"].map(|key| Some((key, said.get(key)?.clone())));
        for (key, value) in gathered.into_iter().flatten() {
            unrendered.insert(key.to_string(), value);
        }
    }
}

/// A Python model is a table unless its own code says otherwise: it cannot be a view.
pub(super) fn settle_python(config: &mut NodeConfig, unrendered: &mut Map<String, Value>) {
    if config.materialized() == "view" {
        let table = serde_json::json!({"materialized": "table"});
        layer(config, unrendered, table.as_object().unwrap_or(&Map::new()));
    }
}
