//! Cases for packages that are fetched: from an index, from a server, from a repository.

use crate::base::fs;
use crate::project::packages::Extent;
use crate::project::packages::tests::Heard;
use crate::project::packages::tests::PROJECT;
use crate::project::packages::tests::call;
use crate::project::packages::tests::installed;
use crate::project::packages::tests::server::Release;
use crate::project::packages::tests::server::Server;
use crate::project::packages::tests::server::packed;
use crate::project::packages::tests::text;
use crate::project::tests::Folder;
use serde_json::json;
use std::path::Path;
use std::process::Command;

const NOTHING: Release<'static> = Release {
    number: "",
    packages: json!(null),
    requires: json!(null),
    sha1: "",
};

/// An index with a package in several versions, and others that ask for it.
fn index() -> Server {
    let server = Server::start();
    let numbers = ["0.9.0", "1.0.0", "1.1.0", "1.1.1", "1.2.0-rc1", "2.0.0"];
    let releases = numbers.map(|number| Release { number, ..NOTHING });
    server.publish("utils", &releases);
    let extra = |number, versions: [&str; 2]| Release {
        number,
        packages: json!([{"package": "acme/utils", "version": versions}]),
        ..NOTHING
    };
    server.publish(
        "extra",
        &[
            extra("1.0.0", [">=1.0.0", "<2.0.0"]),
            extra("2.0.0", [">=2.0.0", "<3.0.0"]),
        ],
    );
    let old = Release {
        number: "1.0.0",
        requires: json!([">=0.10.0", "<1.0.0"]),
        ..NOTHING
    };
    server.publish("old", &[old]);
    for (name, other) in [("a", "acme/b"), ("b", "acme/a")] {
        let packages = json!([{"package": other, "version": "1.0.0"}]);
        let release = Release {
            number: "1.0.0",
            packages,
            ..NOTHING
        };
        server.publish(name, &[release]);
    }
    server
}

fn project(packages: &str) -> Folder {
    Folder::new(&format!("{PROJECT}--- packages.yml\npackages:\n{packages}"))
}

/// What is told and what is said, one line each.
fn deps(folder: &Folder, server: &Server, extent: Extent) -> (Vec<String>, Vec<String>) {
    let heard = Heard::default();
    let env = [("DBT_PACKAGE_HUB_URL", server.address.as_str())];
    let told = call(folder, &env, extent, None, &heard);
    (told, heard.0.into_inner().unwrap())
}

#[test]
fn the_newest_version_within_all_bounds_is_installed_and_locked() {
    let server = index();
    let folder = project("  - package: acme/extra\n    version: 1.0.0\n");
    let (told, heard) = deps(&folder, &server, Extent::Install);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(
        heard[1..],
        [
            "Installing acme/extra",
            "Installed from version 1.0.0",
            "Updated version available: 2.0.0",
            "Installing acme/utils",
            "Installed from version 1.1.1",
            "Updated version available: 2.0.0",
            "",
            "Updates available for packages: ['acme/extra', 'acme/utils']\n\
             Update your versions in packages.yml, then run dbt deps",
        ]
    );
    let lock = text(&folder, "package-lock.yml");
    // The sum is the one that dbt 1.11 wrote for the same entry.
    assert_eq!(
        lock,
        "packages:\n  - name: extra\n    package: acme/extra\n    version: 1.0.0\n  \
         - name: utils\n    package: acme/utils\n    version: 1.1.1\n\
         sha1_hash: 01ed32ef61fca9701390c83ab34415ff33c072d2\n"
    );
    assert_eq!(installed(&folder), ["extra", "utils"]);
    // What is locked stays, until it is resolved again.
    server.publish(
        "utils",
        &[
            Release {
                number: "1.1.1",
                ..NOTHING
            },
            Release {
                number: "1.9.0",
                ..NOTHING
            },
        ],
    );
    deps(&folder, &server, Extent::Install);
    assert_eq!(text(&folder, "package-lock.yml"), lock);
    deps(&folder, &server, Extent::Upgrade);
    assert!(text(&folder, "package-lock.yml").contains("version: 1.9.0"));
}

#[test]
fn each_page_is_fetched_once_and_a_lock_needs_no_archive() {
    let server = index();
    let folder = project("  - package: acme/utils\n    version: [\">=1.0.0\", \"<2.0.0\"]\n");
    let (told, heard) = deps(&folder, &server, Extent::LockOnly);
    assert!(told.is_empty() && heard.len() == 1, "{told:?} {heard:?}");
    assert_eq!(
        server.asked(),
        ["/api/v1/index.json", "/api/v1/acme/utils.json"]
    );
    assert!(installed(&folder).is_empty());
}

/// Each row: entries, and the version of `acme/utils` that they come to.
#[test]
fn versions_are_chosen() {
    let server = index();
    let rows = [
        ("\">=0.0.1\"", "2.0.0"),
        ("[\">=1.0.0\", \"<2.0.0\"]", "1.1.1"),
        (
            "[\">=1.0.0\", \"<2.0.0\"]\n    install_prerelease: true",
            "1.2.0-rc1",
        ),
        (
            "[\">=1.0.0\", \"<2.0.0\"]\n    install-prerelease: true",
            "1.2.0-rc1",
        ),
        ("1.2.0-rc1", "1.2.0-rc1"),
        ("=1.0.0", "1.0.0"),
        (
            "1.0.0\n  - package: acme/utils\n    version: \">=0.9.0\"",
            "1.0.0",
        ),
    ];
    for (versions, expected) in rows {
        let folder = project(&format!(
            "  - package: acme/utils\n    version: {versions}\n"
        ));
        let (told, _) = deps(&folder, &server, Extent::LockOnly);
        assert!(told.is_empty(), "{told:?}");
        let lock = text(&folder, "package-lock.yml");
        assert!(
            lock.contains(&format!("version: {expected}\n")),
            "{versions}: {lock}"
        );
    }
}

/// Each row: entries below `packages:`, and what is told.
#[test]
fn what_the_index_does_not_have_is_told() {
    let server = index();
    server.put("/archive/gone/1.0.0.tar.gz", "");
    server.publish(
        "broken",
        &[Release {
            number: "1.0.0",
            ..NOTHING
        }],
    );
    server.put("/archive/broken/1.0.0.tar.gz", b"\x1f\x8bbroken".to_vec());
    let rows = [
        (
            "acme/utlis\n    version: 1.0.0",
            "packages.yml:2:5 Package acme/utlis was not found in the package index | did you mean `acme/utils`?",
        ),
        (
            "other/utils\n    version: 1.0.0",
            "packages.yml:2:5 Package other/utils was not found in the package index | did you mean `acme/utils`?",
        ),
        (
            "acme/utils\n    version: 3.0.0",
            "packages.yml:2:5 Could not find a matching compatible version for package acme/utils\n  Requested range: =3.0.0, =3.0.0\n  Compatible versions: ['0.9.0', '1.0.0', '1.1.0', '1.1.1', '2.0.0'] | versions that do not accept this dbt version are not shown; with `--no-version-check` they count too",
        ),
        (
            "acme/old\n    version: [\">=0.5.0\", \"<2.0.0\"]",
            "packages.yml:2:5 Could not find a matching compatible version for package acme/old\n  Requested range: >=0.5.0, <2.0.0\n  Compatible versions: [] | versions that do not accept this dbt version are not shown; with `--no-version-check` they count too",
        ),
        (
            "acme/extra\n    version: 1.0.0\n  - package: acme/utils\n    version: 2.0.0",
            "packages.yml:2:5 Version error for package acme/utils: Could not find a satisfactory version from options: ['=2.0.0', '>=1.0.0', '<2.0.0'] | packages that you ask for may ask for it too; loosen your own bound or change their versions",
        ),
        (
            "acme/utils\n    version: \"1.0\"",
            "packages.yml:2:5 \"1.0\" is not a valid semantic version | a version has three numbers, as in `1.1.0` or `\">=1.1.0\"`",
        ),
        (
            "acme/utils\n    version: \">=1.0.0,<2.0.0\"",
            "packages.yml:2:5 \">=1.0.0,<2.0.0\" is not a valid semantic version | write a list: `version: [\">=1.0.0\", \"<2.0.0\"]`",
        ),
        (
            "acme/a\n    version: 1.0.0",
            "packages.yml:2:5 packages ask for each other: acme/a -> acme/b -> acme/a | one of them has to stop asking for the other",
        ),
        (
            "acme/broken\n    version: 1.0.0",
            "packages.yml:2:5 cannot unpack `SERVER/archive/broken/1.0.0.tar.gz`: unexpected end of file | a package comes as a `.tar.gz` archive with one folder in it",
        ),
    ];
    for (entry, expected) in rows {
        let folder = project(&format!("  - package: {entry}\n"));
        let (told, _) = deps(&folder, &server, Extent::Install);
        let told: Vec<String> = told
            .iter()
            .map(|line| line.replace(&server.address, "SERVER"))
            .collect();
        assert_eq!(told, [expected]);
        assert!(installed(&folder).is_empty());
        let names = fs::names_in(folder.path(), "folder").unwrap();
        assert!(
            names.iter().all(|name| !name.starts_with(".sqlmill")),
            "{names:?}"
        );
    }
}

#[test]
fn without_a_network_what_is_installed_stays() {
    let server = index();
    let folder = project("  - package: acme/utils\n    version: 1.0.0\n");
    deps(&folder, &server, Extent::Install);
    let env = [("DBT_PACKAGE_HUB_URL", "http://127.0.0.1:9/")];
    let told = call(&folder, &env, Extent::Install, None, &Heard::default());
    assert!(
        told[0].starts_with("package-lock.yml:2:5 cannot read the package index at `http://127.0.0.1:9/api/v1/index.json`: "),
        "{told:?}"
    );
    assert_eq!(installed(&folder), ["utils"]);
}

#[test]
fn archives_on_a_server_have_the_sum_that_is_asked_for() {
    let server = Server::start();
    let bytes = packed(&[("pk-1/dbt_project.yml", "name: pk\n")]);
    server.put("/pk.tar.gz", bytes);
    let address = format!("{}/pk.tar.gz", server.address);
    let folder = project(&format!("  - tarball: {address}\n    name: other\n"));
    let (told, heard) = deps(&folder, &server, Extent::Install);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(
        heard[1..],
        [
            "Installing other".to_string(),
            format!("Installed from tarball (url: {address})")
        ]
    );
    assert_eq!(installed(&folder), ["other"]);
    let folder = project(&format!(
        "  - tarball: {address}\n    name: pk\n    sha1: abc\n"
    ));
    let (told, _) = deps(&folder, &server, Extent::Install);
    assert!(
        told[0].contains("has the SHA-1 sum") && told[0].contains("`sha1` says abc"),
        "{told:?}"
    );
    let folder = project(&format!("  - tarball: {address}x\n    name: pk\n"));
    let (told, _) = deps(&folder, &server, Extent::Install);
    assert!(
        told[0].ends_with("there is nothing at this address (status 404)"),
        "{told:?}"
    );
}

#[test]
fn a_wrong_sum_in_the_index_is_a_warning() {
    let server = Server::start();
    server.publish(
        "utils",
        &[Release {
            number: "1.0.0",
            sha1: "abc",
            ..NOTHING
        }],
    );
    let folder = project("  - package: acme/utils\n    version: 1.0.0\n");
    let (told, _) = deps(&folder, &server, Extent::Install);
    assert!(
        told[0].contains("which is not the one in the package index"),
        "{told:?}"
    );
    assert_eq!(installed(&folder), ["utils"]);
}

/// A repository with a project at its root in two states, and another one below.
fn repository(folder: &Folder) -> String {
    folder
        .add("--- repo/dbt_project.yml\nname: gitty\n--- repo/sub/dbt_project.yml\nname: subby\n");
    let root = folder.path().join("repo");
    git(&root, "init -q -b main");
    git(&root, "add .");
    git(&root, "commit -qm one");
    git(&root, "tag v1.0");
    git(&root, "checkout -qb feature");
    fs::write(&root.join("macros/m.sql"), b"feature", "test file").unwrap();
    git(&root, "add .");
    git(&root, "commit -qm two");
    git(&root, "checkout -q main");
    format!("file://{}", root.display())
}

fn git(root: &Path, arguments: &str) -> String {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    let mut command = Command::new("git");
    command
        .args(identity)
        .args(arguments.split(' '))
        .current_dir(root);
    let done = command.output().expect("git is installed");
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_string()
}

#[test]
fn repositories_are_checked_out_at_their_revision() {
    let home = Folder::new("");
    let address = repository(&home);
    let root = home.path().join("repo");
    let (tag, branch) = (
        git(&root, "rev-parse v1.0"),
        git(&root, "rev-parse feature"),
    );
    let short = &tag[..10];
    let rows = [
        ("revision: v1.0".to_string(), &tag, "gitty"),
        ("revision: feature".to_string(), &branch, "gitty"),
        (format!("revision: {tag}"), &tag, "gitty"),
        (format!("revision: \"{short}\""), &tag, "gitty"),
        (
            "revision: v1.0\n    subdirectory: sub".to_string(),
            &tag,
            "subby",
        ),
    ];
    let server = Server::start();
    for (keys, commit, name) in rows {
        let folder = project(&format!("  - git: {address}\n    {keys}\n"));
        let (told, heard) = deps(&folder, &server, Extent::Install);
        assert!(told.is_empty(), "{keys}: {told:?}");
        assert_eq!(heard[2], format!("Installed from revision {commit}"));
        assert_eq!(installed(&folder), [name]);
        let below = format!("dbt_packages/{name}/.git");
        assert!(!fs::exists(&folder.path().join(below)));
        let lock = text(&folder, "package-lock.yml");
        assert!(lock.starts_with("packages:\n  - git: "), "{lock}");
        assert!(
            lock.contains(&format!("name: {name}\n    revision: {commit}\n")),
            "{lock}"
        );
        // From the lock file.
        let (told, heard) = deps(&folder, &server, Extent::Install);
        assert!(
            told.is_empty() && heard[1].ends_with(commit),
            "{told:?} {heard:?}"
        );
    }
}

#[test]
fn a_token_stays_out_of_the_lock_file() {
    let home = Folder::new("");
    let address = repository(&home);
    let folder = project("  - git: \"{{ env_var('DBT_ENV_SECRET_REPO') }}\"\n    revision: v1.0\n");
    for _ in 0..2 {
        let env = [("DBT_ENV_SECRET_REPO", address.as_str())];
        let told = call(&folder, &env, Extent::Install, None, &Heard::default());
        assert!(told.is_empty(), "{told:?}");
        let lock = text(&folder, "package-lock.yml");
        assert!(
            lock.contains("git: \"{{ env_var('DBT_ENV_SECRET_REPO') }}\""),
            "{lock}"
        );
    }
}

/// Each row: keys of the entry, and what is told.
#[test]
fn what_a_repository_does_not_have_is_told() {
    let home = Folder::new("");
    let address = repository(&home);
    let rows = [
        (
            "revision: v9.9".to_string(),
            "packages.yml:2:5 cannot fetch `REPO` at `v9.9`: it has no tag, branch or commit `v9.9` | `revision` is a tag, a branch or a commit of that repository",
        ),
        (
            "revision: v1.0\n    subdirectory: nowhere".to_string(),
            "packages.yml:2:5 `REPO` has no folder `nowhere` | `subdirectory` is the folder of the dbt_project.yml, from the repository's root",
        ),
        (
            format!("revision: v1.0\n  - git: {address}\n    revision: feature"),
            "packages.yml:4:5 git dependencies should contain exactly one version. REPO contains: {'v1.0', 'feature'} | give the same `revision` in both entries",
        ),
        (
            "warn-unpinned: true".to_string(),
            "packages.yml:2:5 The git package \"REPO\" is not pinned, using HEAD (default branch) | this can introduce breaking changes into your project without warning; give a tag or a commit as `revision`, or set `warn-unpinned: false`",
        ),
        (
            "revision: main".to_string(),
            "packages.yml:2:5 The git package \"REPO\" is pinned to the \"main\" branch | this can introduce breaking changes into your project without warning; give a tag or a commit as `revision`, or set `warn-unpinned: false`",
        ),
    ];
    let server = Server::start();
    for (keys, expected) in rows {
        let folder = project(&format!("  - git: {address}\n    {keys}\n"));
        let (told, _) = deps(&folder, &server, Extent::Install);
        let told: Vec<String> = told
            .iter()
            .map(|line| line.replace(&address, "REPO"))
            .collect();
        assert_eq!(told, [expected]);
    }
    let folder = project(&format!("  - git: {address}-not\n    revision: v1.0\n"));
    let (told, _) = deps(&folder, &server, Extent::Install);
    assert!(
        told[0].contains("does not appear to be a git repository"),
        "{told:?}"
    );
}
