//! Repositories of packages, fetched by the user's own `git`, which knows their keys and helpers.
//! Promise: it never waits for somebody to type a password.

use crate::base::Diagnostic;
use crate::base::fs;
use crate::project::packages::repository::Repository;
use std::io;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use tempfile::TempDir;

const CODE: &str = "package-git";

/// What `git` says at the beginning of the line that matters.
const COMPLAINTS: [&str; 3] = ["fatal: ", "error: ", "remote: "];

/// The files of a repository at one commit; removed from disk when this is dropped.
#[derive(Debug)]
pub(super) struct Checkout {
    pub(super) folder: TempDir,
    /// The commit, all 40 digits.
    pub(super) commit: String,
}

/// Fetches one commit of a repository into a folder within another one.
pub(super) fn checkout(
    repository: &Repository<'_>,
    within: &Path,
) -> Result<Checkout, Box<Diagnostic>> {
    let folder = fs::temporary_folder(within, "repository")
        .map_err(|error| Diagnostic::error(CODE, error.to_string()))?;
    let work = Work {
        folder: folder.path(),
        shown: repository.shown,
    };
    work.git(&["init", "--quiet"])
        .map_err(|why| work.failed(&why))?;
    let mut failures = Vec::new();
    for address in &repository.addresses {
        match work.fetch(address, repository.revision) {
            Ok(()) => break,
            Err(why) => failures.push(why),
        }
    }
    if failures.len() == repository.addresses.len() {
        let first = failures.first().map_or("", String::as_str);
        return Err(work.unfetched(first, repository.revision).into());
    }
    let commit = work
        .git(&["rev-parse", "HEAD"])
        .map_err(|why| work.failed(&why))?;
    Ok(Checkout {
        folder,
        commit: commit.trim().to_string(),
    })
}

/// Calls of `git` in one folder.
struct Work<'a> {
    folder: &'a Path,
    /// The address as people know it.
    shown: &'a str,
}

impl Work<'_> {
    /// Gets the commit alone where the server hands it out, else everything there is.
    fn fetch(&self, address: &str, revision: Option<&str>) -> Result<(), String> {
        let wanted = revision.unwrap_or("HEAD");
        let alone = ["fetch", "--quiet", "--depth", "1", "--", address, wanted];
        if self.git(&alone).is_ok() {
            return self.git(&["checkout", "--quiet", "FETCH_HEAD"]).map(drop);
        }
        let branches = "+refs/heads/*:refs/remotes/origin/*";
        let tags = "+refs/tags/*:refs/tags/*";
        self.git(&["fetch", "--quiet", "--", address, branches, tags])?;
        let spellings = [format!("origin/{wanted}"), wanted.to_string()];
        let mut tries = spellings
            .iter()
            .map(|name| self.git(&["checkout", "--quiet", "--detach", name]));
        match tries.any(|tried| tried.is_ok()) {
            true => Ok(()),
            false => Err(format!("{UNKNOWN_REVISION} `{wanted}`")),
        }
    }

    /// What it printed, or the line in which it says why it failed.
    fn git(&self, arguments: &[&str]) -> Result<String, String> {
        let done = Command::new("git")
            .args(arguments)
            .current_dir(self.folder)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => NO_GIT.to_string(),
                _ => error.to_string(),
            })?;
        match done.status.success() {
            true => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
            false => Err(complaint(&String::from_utf8_lossy(&done.stderr))),
        }
    }

    fn unfetched(&self, why: &str, revision: Option<&str>) -> Diagnostic {
        let hint = match why {
            NO_GIT => "install git, or name a folder with `local:`",
            _ if why.starts_with(UNKNOWN_REVISION) => {
                "`revision` is a tag, a branch or a commit of that repository"
            }
            _ => {
                "check the address and your access to it; a token goes into the address as \
                 {{ env_var('DBT_ENV_SECRET_GIT_TOKEN') }}"
            }
        };
        let revision = revision.map_or(String::new(), |revision| format!(" at `{revision}`"));
        let message = format!("cannot fetch `{}`{revision}: {why}", self.shown);
        Diagnostic::error(CODE, message).hint(hint)
    }

    fn failed(&self, why: &str) -> Diagnostic {
        self.unfetched(why, None)
    }
}

const NO_GIT: &str = "there is no program `git`";

const UNKNOWN_REVISION: &str = "it has no tag, branch or commit";

/// The first line that is a complaint, without the word that marks it.
fn complaint(stderr: &str) -> String {
    let mut lines = stderr.lines().map(str::trim);
    let marked = lines.clone().find_map(|line| {
        COMPLAINTS
            .iter()
            .find_map(|mark| line.strip_prefix(mark))
            .filter(|said| !said.is_empty())
    });
    let first = marked.or(lines.find(|line| !line.is_empty()));
    first.unwrap_or("git failed and said nothing").to_string()
}
