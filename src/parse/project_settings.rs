//! The settings that project files give to a node: a walk down the tree of folders by its fqn.

use crate::config::keys;
use serde_json::Map;
use serde_json::Value;

/// The layers for one fqn, outermost first. A key with `+` is a setting; without it, a map is a
/// folder and anything else a setting.
pub(super) fn layers(tree: &Map<String, Value>, fqn: &[String]) -> Vec<Map<String, Value>> {
    let mut layers = vec![settings(tree)];
    let mut at = tree;
    for part in fqn {
        match at.get(part) {
            Some(Value::Object(below)) => {
                layers.push(settings(below));
                at = below;
            }
            _ => break,
        }
    }
    layers
}

fn settings(level: &Map<String, Value>) -> Map<String, Value> {
    let mut settings = Map::new();
    for (key, value) in level {
        match key.strip_prefix('+') {
            Some(name) => settings.insert(name.trim().to_string(), value.clone()),
            None if !value.is_object() => settings.insert(key.clone(), value.clone()),
            None => None,
        };
    }
    settings
}

/// Folders in a tree of settings that no node lies in, as dotted paths (`models.shop.old`); `models`
/// alone where there is no node of that kind at all.
/// `used` holds the fqns of all nodes of that kind, without their last part where that is a name.
pub(super) fn unused(tree: &Map<String, Value>, section: &str, used: &[&[String]]) -> Vec<String> {
    let mut paths = Vec::new();
    if !settings(tree).is_empty() {
        paths.push(Vec::new());
    }
    folders(tree, &mut Vec::new(), &mut paths);
    paths.retain(|path| !used.iter().any(|fqn| fqn.starts_with(path)));
    paths
        .into_iter()
        .map(|path| [&[section.to_string()], path.as_slice()].concat().join("."))
        .collect()
}

/// The paths of folders that hold settings themselves.
fn folders(level: &Map<String, Value>, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    for (key, value) in level {
        let Value::Object(below) = value else {
            continue;
        };
        if key.starts_with('+') {
            continue;
        }
        path.push(key.clone());
        if !settings(below).is_empty() {
            found.push(path.clone());
        }
        if !keys::is_known_map(key) {
            folders(below, path, found);
        }
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fqn(text: &str) -> Vec<String> {
        text.split('.').map(str::to_string).collect()
    }

    #[test]
    fn deeper_folders_come_later() {
        let tree = json!({
            "+tags": "all",
            "shop": {"materialized": "table", "staging": {"+materialized": "view", "+meta": {"a": 1}, "x": {}}},
        });
        let tree = tree.as_object().unwrap();
        let layers = layers(tree, &fqn("shop.staging.orders"));
        let expected = json!([{"tags": "all"}, {"materialized": "table"}, {"materialized": "view", "meta": {"a": 1}}]);
        assert_eq!(
            Value::Array(layers.into_iter().map(Value::Object).collect()),
            expected
        );
    }

    #[test]
    fn a_folder_without_nodes_is_told() {
        let tree =
            json!({"shop": {"+tags": "a", "old": {"+enabled": false}, "new": {"+enabled": true}}});
        let orders = fqn("shop.new.orders");
        assert_eq!(
            unused(tree.as_object().unwrap(), "models", &[&orders]),
            ["models.shop.old"]
        );
    }
}
