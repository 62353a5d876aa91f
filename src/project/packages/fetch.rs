//! Gets a packed package: a tarball on disk or on a server, unpacked into a folder of its own.

use crate::base::Diagnostic;
use crate::base::fs;
use crate::project::packages::hash;
use crate::project::packages::http::Client;
use flate2::read::GzDecoder;
use std::path::Path;
use std::path::PathBuf;
use tempfile::TempDir;

const CODE: &str = "package-tarball";

/// A tarball's content; removed from disk when this is dropped.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// The package itself: the one folder that the tarball holds.
    pub(super) folder: PathBuf,
    _temporary: TempDir,
}

/// The bytes of a tarball, packed as they are.
#[derive(Debug)]
pub(super) struct Packed<'a> {
    address: &'a str,
    bytes: Vec<u8>,
}

/// Reads a tarball: from a server, or from a file named by its path or a `file://` address.
pub(super) fn tarball<'a>(
    client: &Client<'_>,
    project: &Path,
    address: &'a str,
) -> Result<Packed<'a>, Box<Diagnostic>> {
    let bytes = match address.split_once("://") {
        Some(("http" | "https", _)) => client.get(address).map_err(|failure| {
            Diagnostic::error(CODE, format!("cannot fetch `{address}`: {failure}"))
        })?,
        Some(("file", path)) => read(Path::new(path))?,
        Some((scheme, _)) => {
            let message = format!("`{address}` has the unknown scheme `{scheme}`");
            return Err(Diagnostic::error(CODE, message)
                .hint("a tarball is at an address with `https`, `http` or `file`")
                .into());
        }
        None => read(&project.join(address))?,
    };
    Ok(Packed { address, bytes })
}

fn read(path: &Path) -> Result<Vec<u8>, Box<Diagnostic>> {
    fs::read_bytes(path, "package")
        .map_err(|error| Diagnostic::error(CODE, error.to_string()).into())
}

impl Packed<'_> {
    /// Whether the bytes have this sum; the one they have otherwise.
    pub(super) fn check(&self, sha1: &str) -> Result<(), String> {
        let found = hash::sha1(&self.bytes);
        match found.eq_ignore_ascii_case(sha1.trim()) {
            true => Ok(()),
            false => Err(found),
        }
    }

    /// Unpacks beside the project, so that moving it into place later is only a rename.
    pub(super) fn unpack(&self, within: &Path) -> Result<Unpacked, Box<Diagnostic>> {
        let temporary = fs::temporary_folder(within, "package")
            .map_err(|error| Diagnostic::error(CODE, error.to_string()))?;
        let bytes = self.bytes.as_slice();
        let unpacked = match bytes.starts_with(&[0x1f, 0x8b]) {
            true => tar::Archive::new(GzDecoder::new(bytes)).unpack(temporary.path()),
            false => tar::Archive::new(bytes).unpack(temporary.path()),
        };
        unpacked.map_err(|error| {
            let why = cause(&error);
            Diagnostic::error(CODE, format!("cannot unpack `{}`: {why}", self.address))
                .hint("a package comes as a `.tar.gz` archive with one folder in it")
        })?;
        Ok(Unpacked {
            folder: self.only_folder(temporary.path())?,
            _temporary: temporary,
        })
    }

    /// The one folder in the archive; the archive's root where the project file lies there.
    fn only_folder(&self, root: &Path) -> Result<PathBuf, Box<Diagnostic>> {
        let names = fs::names_in(root, "unpacked package")
            .map_err(|error| Diagnostic::error(CODE, error.to_string()))?;
        if names.iter().any(|name| name == "dbt_project.yml") {
            return Ok(root.to_path_buf());
        }
        let mut folders = names.iter().filter(|name| fs::is_dir(&root.join(name)));
        match (folders.next(), folders.next()) {
            (Some(folder), None) => Ok(root.join(folder)),
            _ => {
                let message = format!("`{}` does not hold one folder with a project", self.address);
                Err(Diagnostic::error(CODE, message).into())
            }
        }
    }
}

/// The innermost reason: the outer ones name folders of ours.
fn cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(inner) = error.source() {
        error = inner;
    }
    error.to_string()
}
