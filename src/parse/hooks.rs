//! Hooks of a whole call (`on-run-start`, `on-run-end`) as nodes: root project first, then packages.

use crate::node::Detail;
use crate::node::Resource;
use crate::parse::files;
use crate::parse::nodes::Draft;
use crate::parse::site::Site;
use std::sync::Arc;

pub(super) fn drafts<'a>(site: &'a Site<'_>) -> Vec<Draft<'a>> {
    let mut drafts = Vec::new();
    let mut numbers = [0; 2];
    for package in site.packages() {
        let settings = &package.settings;
        let events = [
            ("on-run-start", &settings.on_run_start),
            ("on-run-end", &settings.on_run_end),
        ];
        for ((event, hooks), number) in events.into_iter().zip(&mut numbers) {
            for (index, hook) in hooks.iter().enumerate() {
                let name = format!("{}-{event}-{index}", package.name);
                *number += 1;
                drafts.push(Draft {
                    resource: Resource::Operation,
                    package: &package.name,
                    unique_id: format!("operation.{}.{name}", package.name),
                    fqn: vec![package.name.clone(), "hooks".to_string(), name.clone()],
                    path: format!("hooks/{name}.sql"),
                    original_file_path: "./dbt_project.yml".to_string(),
                    file: settings.file.clone(),
                    code: None,
                    first_line: hook.place.line_col().0,
                    raw_code: Arc::from(hook.as_str()),
                    checksum: files::sha256(settings.file.text().trim().as_bytes()),
                    language: "sql",
                    patch: None,
                    detail: Detail::Operation {
                        event,
                        index: *number,
                    },
                    inherited_tags: vec![event.to_string()],
                    description: None,
                    name,
                });
            }
        }
    }
    drafts
}
