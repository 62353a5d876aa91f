//! Projects in a folder of their own, which goes away with them.

use crate::support::call::Ended;
use crate::support::filters;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use tempfile::TempDir;

const PROJECT_FILE: &str = "name: shop\nversion: \"1.0\"\nconfig-version: 2\nprofile: shop\n";

/// One thread, so that nodes end in the same order every time.
const PROFILES_FILE: &str = "shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 1}
";

/// What builds leave behind; never copied with a fixture.
const LEFT_BEHIND: [&str; 5] = ["target", "logs", "dbt_packages", "dbt_modules", ".user.yml"];

/// A project folder, and the environment in which the program is called there.
pub(crate) struct TestProject {
    /// Holds the folder until the test is over.
    _folder: TempDir,
    pub root: PathBuf,
    environment: BTreeMap<String, String>,
}

impl TestProject {
    /// Files out of one text: `--- models/a.sql` begins a file, the lines below are its content.
    /// A project file, a profile with a DuckDB file and nothing else come along where they are not given.
    pub(crate) fn new(files: &str) -> Self {
        let project = TestProject::empty();
        project.add(&format!("--- dbt_project.yml\n{PROJECT_FILE}"));
        project.add(&format!("--- profiles.yml\n{PROFILES_FILE}"));
        project.add(files);
        project
    }

    /// A folder without any file.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        let root = folder.path().canonicalize().unwrap().join("project");
        fs::create_dir_all(&root).unwrap();
        TestProject {
            _folder: folder,
            root,
            environment: BTreeMap::new(),
        }
    }

    /// A copy of a project of this repository, such as `tests/fixtures/shop`.
    pub(crate) fn copy_of(path: &str) -> Self {
        let project = TestProject::empty();
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        copy(&original, &project.root);
        project
    }

    /// Sets an environment variable for all later calls.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_string(), value.to_string());
        self
    }

    /// The same for a project that is used already.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_string(), value.to_string());
    }

    /// Adds or replaces files.
    pub(crate) fn add(&self, files: &str) {
        for (path, content) in sections(files) {
            self.write(path, content.as_bytes());
        }
    }

    pub(crate) fn write(&self, path: &str, content: &[u8]) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.root.join(path)).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        let path = self.root.join(path);
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Paths of the files in a folder of the project, sorted, relative to it.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.root.join(folder), &mut found);
        let root = &self.root;
        let mut found: Vec<String> = found
            .iter()
            .map(|path| path.strip_prefix(root).unwrap().display().to_string())
            .collect();
        found.sort();
        found
    }

    /// Calls the program in the project's folder and waits for it. Quotes (`'`) keep words together.
    pub(crate) fn call(&self, arguments: &str) -> Ended {
        let words = filters::words(arguments);
        let mut command = self.command();
        command.args(words.iter().map(|(word, _)| word));
        let output = command.output().expect("the program starts");
        Ended::new(&output, &self.root)
    }

    /// As `call`; anything but success fails the test.
    pub(crate) fn succeed(&self, arguments: &str) -> Ended {
        let ended = self.call(arguments);
        assert_eq!(
            ended.code, 0,
            "{arguments}\n{}{}",
            ended.stdout, ended.stderr
        );
        ended
    }

    /// Starts the program without waiting; stderr can be read while it runs.
    pub(crate) fn start(&self, arguments: &str) -> Child {
        let words = filters::words(arguments);
        let mut command = self.command();
        command.args(words.iter().map(|(word, _)| word));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program starts")
    }

    /// Waits for a program that was started.
    pub(crate) fn finish(&self, child: Child) -> Ended {
        let output = child.wait_with_output().expect("the program ends");
        Ended::new(&output, &self.root)
    }

    /// The program in this folder, with nothing of the tester's own settings.
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sqlmill"));
        command.current_dir(&self.root).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("DBT_") {
                command.env_remove(name);
            }
        }
        let home = self.root.parent().expect("a folder above the project");
        command.env("HOME", home).envs(&self.environment);
        command
    }
}

/// Path and content of each file in a text of files.
pub(crate) fn sections(files: &str) -> Vec<(&str, String)> {
    let mut sections: Vec<(&str, String)> = Vec::new();
    for line in files.lines() {
        match line.strip_prefix("--- ") {
            Some(path) => sections.push((path.trim(), String::new())),
            None => {
                let (_, content) = sections.last_mut().expect("`--- path` before any content");
                content.push_str(line);
                content.push('\n');
            }
        }
    }
    sections
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if LEFT_BEHIND.contains(&name.as_str()) || name.contains(".duckdb") {
            continue;
        }
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => {
                fs::copy(&path, to.join(name)).unwrap();
            }
        }
    }
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => collect(&path, found),
            false => found.push(path),
        }
    }
}
