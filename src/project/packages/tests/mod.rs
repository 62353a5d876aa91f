//! Cases for `deps`: what is installed, locked and told.

mod remote;
mod server;

use crate::base::Bag;
use crate::base::Event;
use crate::base::Observer;
use crate::base::event::Silent;
use crate::base::fs;
use crate::project::packages::Addition;
use crate::project::packages::Extent;
use crate::project::packages::deps;
use crate::project::tests::Folder;
use server::packed;
use std::sync::Mutex;

pub(super) const PROJECT: &str = "--- dbt_project.yml\nname: shop\nprofile: shop\n";

fn run(folder: &Folder, extent: Extent) -> Vec<String> {
    run_with(folder, extent, None, &Silent)
}

fn run_with(
    folder: &Folder,
    extent: Extent,
    addition: Option<&Addition>,
    observer: &dyn Observer,
) -> Vec<String> {
    call(folder, &[("PLACE", "local")], extent, addition, observer)
}

/// What the call told, errors and warnings.
pub(super) fn call(
    folder: &Folder,
    env: &[(&str, &str)],
    extent: Extent,
    addition: Option<&Addition>,
    observer: &dyn Observer,
) -> Vec<String> {
    let bag = Bag::new();
    let context = folder.context(env);
    let done = deps(
        &folder.options(),
        &context,
        extent,
        addition,
        observer,
        &bag,
    );
    assert_eq!(done.is_none(), bag.has_errors());
    bag.take().iter().map(|d| folder.shown(d)).collect()
}

pub(super) fn installed(folder: &Folder) -> Vec<String> {
    fs::names_in(&folder.path().join("dbt_packages"), "packages").unwrap()
}

pub(super) fn text(folder: &Folder, name: &str) -> String {
    fs::read_text(&folder.path().join(name), "file").unwrap()
}

#[test]
fn folders_and_what_they_ask_for_are_linked_and_locked() {
    let folder = Folder::new(&format!(
        "{PROJECT}--- packages.yml
packages:
  - local: \"{{{{ env_var('PLACE') }}}}/a\"
  - local: local/b
--- local/a/dbt_project.yml
name: a
--- local/a/packages.yml
packages:
  - local: local/c
  - local: local/b
--- local/b/dbt_project.yml
name: b
--- local/c/dbt_project.yml
name: c
"
    ));
    let heard = Heard::default();
    assert!(run_with(&folder, Extent::Install, None, &heard).is_empty());
    assert_eq!(installed(&folder), ["a", "b", "c"]);
    let lock = text(&folder, "package-lock.yml");
    let (entries, hash) = lock.split_once("sha1_hash: ").unwrap();
    assert_eq!(
        entries,
        "packages:\n  - local: local/a\n    name: a\n  - local: local/b\n    name: b\n  - local: local/c\n    name: c\n"
    );
    assert_eq!(hash.trim().len(), 40);
    let heard = heard.0.into_inner().unwrap();
    assert!(heard[0].starts_with("Updating lock file in file path: "));
    assert_eq!(
        heard[1..3],
        ["Installing local/a", "Installed from <local @ local/a>"]
    );
    // Once more: the lock file is read, nothing changes.
    let heard = Heard::default();
    assert!(run_with(&folder, Extent::Install, None, &heard).is_empty());
    assert_eq!(heard.0.into_inner().unwrap()[0], "Installing local/a");
    assert_eq!(text(&folder, "package-lock.yml"), lock);
    let names = fs::names_in(folder.path(), "folder").unwrap();
    assert!(
        names.iter().all(|name| !name.starts_with(".sqlmill")),
        "{names:?}"
    );
}

/// The sum that dbt 1.11 wrote for the same entry.
#[test]
fn the_lock_file_has_dbts_sum() {
    let folder = Folder::new(&format!(
        "{PROJECT}--- packages.yml\npackages:\n  - local: loc/a\n--- loc/a/dbt_project.yml\nname: a\n"
    ));
    assert!(run(&folder, Extent::LockOnly).is_empty());
    let lock = text(&folder, "package-lock.yml");
    assert_eq!(
        lock,
        "packages:\n  - local: loc/a\n    name: a\nsha1_hash: 2885fe2b07e1b678a1bb53c27c3919a5fe7a2bec\n"
    );
    assert!(installed(&folder).is_empty());
}

#[test]
fn a_tarball_is_unpacked() {
    let folder = Folder::new(&format!(
        "{PROJECT}--- packages.yml\npackages:\n  - tarball: packed/pk.tar.gz\n    name: pk\n"
    ));
    let bytes = packed(&[
        ("pk-1.0/dbt_project.yml", "name: pk\n"),
        ("pk-1.0/models/m.sql", "select 1"),
    ]);
    fs::write(&folder.path().join("packed/pk.tar.gz"), &bytes, "test file").unwrap();
    assert!(run(&folder, Extent::Install).is_empty());
    assert_eq!(installed(&folder), ["pk"]);
    assert_eq!(text(&folder, "dbt_packages/pk/models/m.sql"), "select 1");
    // A failure later leaves what is installed.
    fs::write(
        &folder.path().join("packed/pk.tar.gz"),
        b"\x1f\x8bbroken",
        "test file",
    )
    .unwrap();
    let told = run(&folder, Extent::Install);
    assert!(
        told[0].starts_with("package-lock.yml:2:5 cannot unpack `packed/pk.tar.gz`"),
        "{told:?}"
    );
    assert_eq!(installed(&folder), ["pk"]);
}

/// Each row: entries below `packages:`, and what is told.
#[test]
fn what_cannot_be_installed_is_told() {
    let rows = [
        (
            "- local: nowhere",
            "packages.yml:2:5 No dbt_project.yml found at expected path FOLDER/nowhere/dbt_project.yml | each package, and each package it asks for, is a folder with a dbt_project.yml",
        ),
        (
            "- local: one\n  - local: two",
            "packages.yml:3:5 Found duplicate project \"twin\". This occurs when a dependency has the same project name as some other dependency | keep one of the two",
        ),
        (
            "- local: same",
            "packages.yml:2:5 Found a dependency with the same name as the root project \"shop\". Package names must be unique in a project | rename one of these packages",
        ),
        (
            "- tarball: ftp://example.com/x.tar.gz\n    name: x",
            "packages.yml:2:5 `ftp://example.com/x.tar.gz` has the unknown scheme `ftp` | a tarball is at an address with `https`, `http` or `file`",
        ),
        (
            "- private: acme/x\n    provider: bitbucket",
            "packages.yml:3:15 `bitbucket` is not a provider of repositories | give `github`, `gitlab` or `azure_devops`, or the whole address with `git`",
        ),
        (
            "- local: ring",
            "packages.yml:2:5 packages ask for each other: FOLDER/ring -> FOLDER/knot -> FOLDER/ring | one of them has to stop asking for the other",
        ),
        (
            "- tarball: nowhere.tar.gz\n    name: x",
            "packages.yml:2:5 cannot read package `FOLDER/nowhere.tar.gz`: no such file or folder",
        ),
    ];
    for (entries, expected) in rows {
        let folder = Folder::new(&format!(
            "{PROJECT}--- packages.yml\npackages:\n  {entries}\n--- one/dbt_project.yml\nname: twin\n--- two/dbt_project.yml\nname: twin\n--- same/dbt_project.yml\nname: shop\n--- ring/dbt_project.yml\nname: ring\n--- ring/packages.yml\npackages:\n  - local: knot\n--- knot/dbt_project.yml\nname: knot\n--- knot/packages.yml\npackages:\n  - local: ring\n"
        ));
        assert_eq!(run(&folder, Extent::Install), [expected]);
        assert!(installed(&folder).is_empty());
    }
}

#[test]
fn an_added_package_leaves_the_rest_of_the_file_alone() {
    let rows = [
        ("", "packages:\n  - local: b\n"),
        ("# mine\n", "# mine\npackages:\n  - local: b\n"),
        ("packages: []\n# end\n", "packages:\n  - local: b\n# end\n"),
        ("packages:\n", "packages:\n  - local: b\n"),
        (
            "packages: [{local: a}]\n",
            "packages:\n  - {local: a}\n  - local: b\n",
        ),
        (
            "# mine\npackages:\n    # first\n    - local: a # here\n# end\n",
            "# mine\npackages:\n    # first\n    - local: a # here\n    - local: b\n# end\n",
        ),
        (
            "packages:\n- local: b\n- local: a",
            "packages:\n- local: b\n- local: a",
        ),
    ];
    for (before, after) in rows {
        let folder = Folder::new(&format!(
            "{PROJECT}--- a/dbt_project.yml\nname: a\n--- b/dbt_project.yml\nname: b\n"
        ));
        folder.write("packages.yml", before);
        let addition = Addition::parse("b", "local").unwrap();
        let told = run_with(&folder, Extent::Install, Some(&addition), &Silent);
        assert!(told.is_empty(), "{told:?}");
        assert_eq!(text(&folder, "packages.yml"), after);
        assert!(installed(&folder).contains(&"b".to_string()));
    }
}

#[test]
fn additions_are_read() {
    let rows = [
        (
            "dbt-labs/dbt_utils@1.0.0",
            "hub",
            Ok("- package: dbt-labs/dbt_utils\n  version: 1.0.0\n"),
        ),
        (
            "a/b@[>=1.0.0,<2.0.0]",
            "hub",
            Ok("- package: a/b\n  version: [\">=1.0.0\", \"<2.0.0\"]\n"),
        ),
        ("a/b", "hub", Err("'a/b' needs a version, as in a/b@1.0.0")),
        (
            "git@github.com:a/b.git@1.0",
            "git",
            Ok("- git: \"git@github.com:a/b.git\"\n  revision: \"1.0\"\n"),
        ),
        (
            "x@1",
            "local",
            Err("'x@1' is a folder, which has no version to choose"),
        ),
        ("x", "disk", Err("'disk' is not one of hub, git, local")),
    ];
    for (given, source, expected) in rows {
        let read = Addition::parse(given, source).map(|addition| addition.entry(""));
        assert_eq!(read, expected.map(str::to_string).map_err(str::to_string));
    }
}

#[derive(Default)]
pub(super) struct Heard(pub(super) Mutex<Vec<String>>);

impl Observer for Heard {
    fn on(&self, event: &Event) {
        if let Event::Note { message, .. } = event {
            self.0.lock().unwrap().push(message.clone());
        }
    }
}
