//! Gets a packed package: a tarball on disk, unpacked into a folder of its own.

use crate::base::Diagnostic;
use crate::base::fs;
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

/// Unpacks a tarball beside the project, so that moving it into place later is only a rename.
pub(super) fn tarball(project: &Path, address: &str) -> Result<Unpacked, Box<Diagnostic>> {
    let path = match address.split_once("://") {
        Some(("file", path)) => PathBuf::from(path),
        Some((scheme, _)) => {
            let message = format!(
                "`{address}` is at an address of kind `{scheme}`, which sqlmill cannot fetch yet"
            );
            return Err(Diagnostic::error(CODE, message)
                .hint("download the tarball and name the file: `tarball: file:///path/to/package.tar.gz`")
                .into());
        }
        None => project.join(address),
    };
    let bytes = fs::read_bytes(&path, "package")
        .map_err(|error| Diagnostic::error(CODE, error.to_string()))?;
    let temporary = fs::temporary_folder(project, "package")
        .map_err(|error| Diagnostic::error(CODE, error.to_string()))?;
    let unpacked = match bytes.starts_with(&[0x1f, 0x8b]) {
        true => tar::Archive::new(GzDecoder::new(bytes.as_slice())).unpack(temporary.path()),
        false => tar::Archive::new(bytes.as_slice()).unpack(temporary.path()),
    };
    unpacked.map_err(|error| {
        Diagnostic::error(CODE, format!("cannot unpack `{address}`: {error}"))
            .hint("a package comes as a `.tar.gz` archive with one folder in it")
    })?;
    Ok(Unpacked {
        folder: only_folder(temporary.path(), address)?,
        _temporary: temporary,
    })
}

/// The one folder in the archive; the archive's root where the project file lies there.
fn only_folder(root: &Path, address: &str) -> Result<PathBuf, Box<Diagnostic>> {
    let names = fs::names_in(root, "unpacked package")
        .map_err(|error| Diagnostic::error(CODE, error.to_string()))?;
    if names.iter().any(|name| name == "dbt_project.yml") {
        return Ok(root.to_path_buf());
    }
    let mut folders = names.iter().filter(|name| fs::is_dir(&root.join(name)));
    match (folders.next(), folders.next()) {
        (Some(folder), None) => Ok(root.join(folder)),
        _ => {
            let message = format!("`{address}` does not hold one folder with a project");
            Err(Diagnostic::error(CODE, message).into())
        }
    }
}
