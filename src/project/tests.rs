//! Cases for reading projects: small folders written out, and what is found or told.

mod files;
mod packages;
mod profiles;
mod settings;

use crate::base::Bag;
use crate::base::Context;
use crate::base::Diagnostic;
use crate::base::fs;
use crate::project::Options;
use crate::project::Project;
use crate::project::load;
use std::path::Path;
use std::sync::Arc;

pub(super) const PROFILES: &str = "
shop:
  target: \"{{ env_var('TARGET', 'dev') }}\"
  outputs:
    dev: {type: duckdb, path: \"{{ env_var('DB', ':memory:') }}\", threads: 2}
    other: {type: duckdb, path: \"{{ env_var('NOT_THERE') }}\"}
    secret: {type: duckdb, path: \"{{ env_var('DBT_ENV_SECRET_PATH') }}\"}
    broken:
";

/// A folder with files, its texts separated by lines `--- path`.
pub(super) struct Folder(pub(super) tempfile::TempDir);

impl Folder {
    pub(super) fn new(texts: &str) -> Self {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("profiles.yml", PROFILES);
        folder.add(texts);
        folder
    }

    pub(super) fn add(&self, texts: &str) {
        for part in texts.split("--- ").skip(1) {
            let (path, text) = part.split_once('\n').unwrap_or((part, ""));
            self.write(path.trim(), text);
        }
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        fs::write(&self.path().join(path), text.as_bytes(), "test file").unwrap();
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn options(&self) -> Options {
        Options {
            project_dir: self.path().to_path_buf(),
            profiles_dir: Some(self.path().to_path_buf()),
            version_check: true,
            ..Options::default()
        }
    }

    pub(super) fn context(&self, env: &[(&str, &str)]) -> Arc<Context> {
        let mut context = Context::fixed(self.path());
        for (name, value) in env {
            context.env.insert(name.to_string(), value.to_string());
        }
        Arc::new(context)
    }

    pub(super) fn load(&self) -> (Option<Project>, Vec<String>) {
        self.load_with(&self.options(), &[])
    }

    pub(super) fn load_with(
        &self,
        options: &Options,
        env: &[(&str, &str)],
    ) -> (Option<Project>, Vec<String>) {
        let bag = Bag::new();
        let mut project = load(options, &self.context(env), &bag);
        if let Some(project) = &mut project {
            project.read_all(&bag);
        }
        (project, bag.take().iter().map(|d| self.shown(d)).collect())
    }

    pub(super) fn good(&self) -> Project {
        let (project, told) = self.load();
        assert!(told.is_empty(), "{told:#?}");
        project.unwrap()
    }

    /// Place, message and hint on one line, without this folder's path.
    pub(super) fn shown(&self, found: &Diagnostic) -> String {
        let place = found
            .place
            .as_ref()
            .map_or("-".to_string(), |p| p.to_string());
        let hint = found
            .hint
            .as_ref()
            .map_or(String::new(), |hint| format!(" | {hint}"));
        format!("{place} {}{hint}", found.message)
            .replace(&self.path().display().to_string(), "FOLDER")
    }
}
