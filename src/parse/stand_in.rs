//! `model` while code is captured: what is known of a node before its code is read.

use crate::config::NodeConfig;
use crate::jinja::values;
use crate::node::Resource;
use crate::parse::node_settings;
use crate::parse::nodes;
use crate::parse::nodes::Draft;
use crate::parse::site::Owner;
use crate::parse::site::Site;
use minijinja::value::Value;
use serde_json::Map;

/// The few keys of `model` that code may ask for before the node exists.
pub(super) fn model(site: &Site<'_>, draft: &Draft<'_>) -> Value {
    let known = [
        ("name", draft.name.clone()),
        ("unique_id", draft.unique_id.clone()),
        ("resource_type", draft.resource.as_str().to_string()),
        ("package_name", draft.package.to_string()),
        ("path", draft.path.clone()),
        ("original_file_path", draft.original_file_path.clone()),
        ("alias", draft.name.clone()),
        ("language", draft.language.to_string()),
        ("database", site.default_database().to_string()),
        ("schema", site.default_schema().to_string()),
        (
            "description",
            draft
                .patch
                .map_or_else(String::new, |patch| patch.description.clone()),
        ),
    ];
    let (raw_code, fqn) = (draft.raw_code.clone(), draft.fqn.clone());
    let config = project_config(site, draft);
    values::lazy(move || {
        let texts = known
            .iter()
            .map(|(key, text)| (*key, Value::from(text.as_str())));
        let fqn = values::list(fqn.iter().map(|part| Value::from(part.as_str())));
        let empty = ["columns", "meta"].map(|key| (key, values::dict::<&str>([])));
        let others = [
            ("raw_code", Value::from(raw_code.clone())),
            ("fqn", fqn),
            ("tags", values::list([])),
            ("batch", values::nothing()),
            ("config", values::from_json(&config)),
        ];
        values::dict(texts.chain(others).chain(empty))
    })
}

/// The settings of the project file alone: neither a properties file nor the code has spoken yet.
/// Those of tests, of which there are most, are left out: their code is a macro's that asks for none.
fn project_config(site: &Site<'_>, draft: &Draft<'_>) -> serde_json::Value {
    let mut config = NodeConfig::new(nodes::family(draft.resource));
    if draft.resource == Resource::Test {
        return serde_json::json!({});
    }
    for owner in [Owner::Package, Owner::Root] {
        node_settings::settings_of_project(site, draft, owner, &mut config, &mut Map::new());
    }
    serde_json::Value::Object(config.values().clone())
}
