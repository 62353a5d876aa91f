//! The project in the words of dbt's runtime configuration, which packages read.

use crate::project::Package;
use crate::project::Project;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

impl Project {
    /// The root project, its profile, and below `dependencies` every package by its name.
    /// Without `threads`, which depend on the call.
    pub fn runtime_config(&self) -> Map<String, Value> {
        let mut config = of_package(&self.root);
        let every = self.packages();
        let every = every.map(|package| (package.name.clone(), Value::Object(of_package(package))));
        config.insert("dependencies".into(), Value::Object(every.collect()));
        config.insert("profile_name".into(), json!(self.profile.name));
        config.insert("target_name".into(), json!(self.profile.target_name));
        config
    }
}

fn of_package(package: &Package) -> Map<String, Value> {
    let settings = &package.settings;
    Map::from_iter([
        ("project_name".to_string(), json!(package.name)),
        ("version".to_string(), json!(settings.version)),
        ("project_root".to_string(), json!(package.root)),
        ("target_path".to_string(), json!(settings.target_path)),
        ("log_path".to_string(), json!(settings.log_path)),
        (
            "packages_install_path".to_string(),
            json!(settings.packages_install_path),
        ),
        ("vars".to_string(), settings.vars.to_json()),
    ])
}
