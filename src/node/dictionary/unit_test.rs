//! The dictionary of a unit test.

use super::Surroundings;
use super::depends_on;
use super::into_map;
use crate::node::Node;
use crate::node::UnitTest;
use crate::node::unit_test::Fixture;
use crate::node::unit_test::Rows;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

pub(super) fn of(node: &Node, test: &UnitTest, around: &Surroundings<'_>) -> Map<String, Value> {
    let given = test.given.iter().map(|given| {
        let mut map = fixture(&given.rows);
        map.shift_insert(0, "input".to_string(), json!(given.written));
        Value::Object(map)
    });
    let overrides = test.overrides.as_ref().map(|overrides| {
        json!({
            "macros": overrides.macros,
            "vars": overrides.vars,
            "env_vars": overrides.env_vars,
        })
    });
    into_map(json!({
        "model": test.model,
        "given": given.collect::<Vec<_>>(),
        "expect": fixture(&test.expect),
        "name": node.name,
        "resource_type": node.resource.as_str(),
        "package_name": node.package,
        "path": node.path,
        "original_file_path": node.original_file_path,
        "unique_id": node.unique_id.as_str(),
        "fqn": node.fqn,
        "description": node.description,
        "overrides": overrides,
        "depends_on": depends_on(node, around),
        "config": node.config.values(),
        "checksum": node.checksum,
        "schema": node.schema,
        "created_at": node.created_at,
        "versions": test.versions,
        "version": test.version,
    }))
}

fn fixture(fixture: &Fixture) -> Map<String, Value> {
    let rows = match &fixture.rows {
        Rows::Values(rows) => json!(rows),
        Rows::Sql(query) => json!(query),
    };
    into_map(json!({
        "rows": rows,
        "format": fixture.format.as_str(),
        "fixture": fixture.file,
    }))
}
