//! `semantic_manifest.json`: metrics and what they are built on. No project has any yet, so it is empty.

use serde_json::json;

pub(super) fn text() -> Vec<u8> {
    let file = json!({
        "semantic_models": [],
        "metrics": [],
        "project_configuration": {
            "time_spine_table_configurations": [],
            "metadata": null,
            "dsi_package_version": {
                "major_version": "0",
                "minor_version": "9",
                "patch_version": "0",
            },
            "time_spines": [],
        },
        "saved_queries": [],
    });
    file.to_string().into_bytes()
}
