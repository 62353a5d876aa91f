//! Saved queries and their exports.

use crate::node::Detail;
use crate::node::Node;
use crate::node::Ref;
use crate::node::Resource;
use crate::node::SavedQuery;
use crate::parse::declared;
use crate::parse::declared::Written;
use crate::parse::properties::Entry;
use crate::parse::semantic::tables::SAVED_QUERY;
use crate::parse::semantic::take_list;
use crate::parse::semantic::take_map;
use crate::parse::semantic::take_text;
use crate::parse::semantic::text;
use crate::parse::shape;
use crate::parse::site::Site;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

pub(super) fn node(site: &Site<'_>, entry: &Entry) -> Option<Node> {
    let mut fields = shape::read("saved_queries", SAVED_QUERY, &entry.yaml, site.bag)?;
    let exports = take_list(&mut fields, "exports");
    let written = Written {
        entry,
        resource: Resource::SavedQuery,
        name: take_text(&fields, "name")?,
        description: take_text(&fields, "description").unwrap_or_default(),
        config: take_map(&mut fields, "config"),
    };
    let detail = SavedQuery {
        label: take_text(&fields, "label"),
        query_params: fields.remove("query_params").unwrap_or_default(),
        exports: Vec::new(),
    };
    let asked = declared::texts(&detail.query_params["metrics"]);
    let mut node = declared::node(site, written, Detail::SavedQuery(Box::new(detail)));
    node.metrics = asked.into_iter().map(metric).collect();
    node.tags = declared::sorted_tags(declared::texts(&fields["tags"]), node.config.tags());
    check_cache(site, entry, &node);
    let exports = exports
        .iter()
        .filter_map(|written| export(site, entry, &node, written))
        .collect();
    if let Detail::SavedQuery(query) = &mut node.detail {
        query.exports = exports;
    }
    Some(node)
}

fn metric(name: String) -> Ref {
    Ref {
        package: None,
        name,
        version: None,
    }
}

/// An export with the settings that its query gives to all.
fn export(site: &Site<'_>, entry: &Entry, query: &Node, written: &Value) -> Option<Value> {
    let own = written.get("config").and_then(Value::as_object);
    let own: Map<String, Value> = own.cloned().unwrap_or_default();
    let pick = |keys: &[&str], usual: &str| {
        let said = keys.iter().find_map(|key| own.get(*key)?.as_str());
        let of_all = || keys.iter().find_map(|key| query.config.text(key));
        said.or_else(of_all).unwrap_or(usual).to_string()
    };
    let name = text(written, "name");
    let export_as = pick(&["export_as"], "");
    if !["table", "view"].contains(&export_as.as_str()) {
        let shown = own
            .get("export_as")
            .map_or("None".to_string(), Value::to_string);
        let what = format!(
            "Field \"export_as\" of type ExportDestinationType in ExportConfig has invalid value {}",
            shown.replace('"', "'")
        );
        let at = entry.yaml.get("exports").unwrap_or(&entry.yaml);
        let found = shape::invalid("saved_queries", &entry.yaml, at, &what);
        site.bag.add(found.hint("it is `table` or `view`"));
        return None;
    }
    let database = own.get("database").and_then(Value::as_str);
    Some(json!({
        "name": name,
        "config": {
            "export_as": export_as,
            "schema_name": pick(&["schema_name", "schema"], site.default_schema()),
            "alias": own.get("alias").and_then(Value::as_str).unwrap_or(name),
            "database": database.unwrap_or(site.default_database()),
        },
        "unrendered_config": own,
    }))
}

fn check_cache(site: &Site<'_>, entry: &Entry, node: &Node) {
    let cache = node.config.get("cache").cloned().unwrap_or_default();
    if cache.is_object() {
        return;
    }
    let at = entry
        .yaml
        .get("config")
        .and_then(|config| config.get("cache"));
    let what = format!(
        "Field \"cache\" of type SavedQueryCache in SavedQueryConfig has invalid value {}",
        cache.to_string().replace('"', "'")
    );
    let found = shape::invalid(
        "saved_queries",
        &entry.yaml,
        at.unwrap_or(&entry.yaml),
        &what,
    );
    site.bag
        .add(found.hint("write it as `cache: {enabled: true}`"));
}
