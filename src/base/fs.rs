//! File access. Every failure names the path and what it was wanted for.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that touches the file system"
)]

use std::fmt;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// A file operation that failed, with its purpose.
#[derive(Debug)]
pub struct FileError {
    /// What was tried, such as `cannot read profile`.
    pub doing: String,
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    pub fn is_missing(&self) -> bool {
        self.source.kind() == io::ErrorKind::NotFound
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.source.kind() {
            io::ErrorKind::NotFound => "no such file or folder".to_string(),
            io::ErrorKind::PermissionDenied => "permission denied".to_string(),
            io::ErrorKind::StorageFull => "the disk is full".to_string(),
            _ => self.source.to_string(),
        };
        write!(f, "{} `{}`: {reason}", self.doing, self.path.display())
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

pub type Result<T> = std::result::Result<T, FileError>;

/// Reads a text file; bytes that are no UTF-8 are an error that names the offset of the first.
pub fn read_text(path: &Path, what: &str) -> Result<String> {
    let bytes = read_bytes(path, what)?;
    String::from_utf8(bytes).map_err(|wrong| {
        let at = wrong.utf8_error().valid_up_to();
        let text = format!("byte {at} is not valid UTF-8; save the file as UTF-8");
        error(
            path,
            format!("cannot read {what}"),
            io::Error::new(io::ErrorKind::InvalidData, text),
        )
    })
}

pub fn read_bytes(path: &Path, what: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| error(path, format!("cannot read {what}"), e))
}

/// Writes a file whole or not at all: into a neighbour first, then renamed over the old one.
pub fn write_atomic(path: &Path, content: &[u8], what: &str) -> Result<()> {
    write_atomic_with(path, what, |out| out.write_all(content))
}

/// Like [`write_atomic`], for contents that are made piece by piece.
pub fn write_atomic_with(
    path: &Path,
    what: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let fail = |e| error(path, format!("cannot write {what}"), e);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    write(&mut file).map_err(fail)?;
    make_readable(file.as_file()).map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// Writes a file that nobody reads while it is written, without the care of [`write_atomic`].
pub fn write(path: &Path, content: &[u8], what: &str) -> Result<()> {
    let fail = |e| error(path, format!("cannot write {what}"), e);
    match std::fs::write(path, content) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder).map_err(fail)?;
            std::fs::write(path, content).map_err(fail)
        }
        done => done.map_err(fail),
    }
}

/// Opens a file for appending, with its folder.
pub fn append(path: &Path, what: &str) -> Result<std::fs::File> {
    let fail = |e| error(path, format!("cannot write {what}"), e);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(fail)?;
    }
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(fail)
}

pub fn create_dir(path: &Path, what: &str) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|e| error(path, format!("cannot create {what}"), e))
}

/// Removes a file or a folder with all it holds; something that is not there is no error.
pub fn remove(path: &Path, what: &str) -> Result<()> {
    let fail = |e| error(path, format!("cannot remove {what}"), e);
    let done = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(e) => Err(e),
    };
    match done {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(fail(e)),
        _ => Ok(()),
    }
}

pub fn rename(from: &Path, to: &Path, what: &str) -> Result<()> {
    std::fs::rename(from, to).map_err(|e| error(to, format!("cannot move {what} to"), e))
}

pub fn copy(from: &Path, to: &Path, what: &str) -> Result<()> {
    std::fs::copy(from, to)
        .map(drop)
        .map_err(|e| error(from, format!("cannot copy {what}"), e))
}

/// Copies a folder with all it holds; links are followed.
pub fn copy_folder(from: &Path, to: &Path, what: &str) -> Result<()> {
    create_dir(to, what)?;
    for below in files_below(from, FolderLinks::Follow, |_| true, what)? {
        let target = to.join(&below);
        create_dir(target.parent().unwrap_or(to), what)?;
        copy(&from.join(&below), &target, what)?;
    }
    Ok(())
}

/// A new folder inside of another one; it goes away with the value.
pub fn temporary_folder(within: &Path, what: &str) -> Result<tempfile::TempDir> {
    tempfile::Builder::new()
        .prefix(".sqlmill-")
        .tempdir_in(within)
        .map_err(|e| error(within, format!("cannot create a folder for {what} in"), e))
}

/// Makes `link` stand for `folder`, where the system has symbolic links.
pub fn link_folder(folder: &Path, link: &Path, what: &str) -> Result<()> {
    #[cfg(unix)]
    let done = std::os::unix::fs::symlink(folder, link);
    #[cfg(windows)]
    let done = std::os::windows::fs::symlink_dir(folder, link);
    done.map_err(|e| error(link, format!("cannot link {what}"), e))
}

/// What to do with a link to a folder; a link to a file is read like a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderLinks {
    Follow,
    PassOver,
}

/// Paths of all files below a folder, relative to it, with `/`, sorted. The folder itself may be a link.
/// `enter` says of each folder whether to look into it. None where there is no such folder.
pub fn files_below(
    folder: &Path,
    links: FolderLinks,
    enter: impl Fn(&str) -> bool,
    what: &str,
) -> Result<Vec<String>> {
    let relative = |path: &Path| {
        let below = path.strip_prefix(folder).unwrap_or(path);
        below.to_string_lossy().replace('\\', "/")
    };
    let walk = walkdir::WalkDir::new(folder)
        .follow_links(links == FolderLinks::Follow)
        .min_depth(1)
        .into_iter()
        .filter_entry(|entry| !entry.file_type().is_dir() || enter(&relative(entry.path())));
    let mut files = Vec::new();
    for entry in walk {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) if entry.path_is_symlink() && !entry.path().is_file() => {}
            Ok(entry) => files.push(relative(entry.path())),
            // A link in a circle leads to nothing new, and a dead one nowhere.
            Err(e) if e.loop_ancestor().is_some() => {}
            Err(e)
                if e.io_error()
                    .is_some_and(|e| e.kind() == io::ErrorKind::NotFound) => {}
            Err(e) => {
                let path = e.path().unwrap_or(folder).to_path_buf();
                return Err(error(&path, format!("cannot list {what}"), e.into()));
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// Names of what a folder holds, sorted; none where there is no such folder.
pub fn names_in(folder: &Path, what: &str) -> Result<Vec<String>> {
    let fail = |e| error(folder, format!("cannot list {what}"), e);
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(fail)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(fail)?.file_name();
        names.push(name.to_string_lossy().into_owned());
    }
    names.sort_unstable();
    Ok(names)
}

/// What the file system tells of a file without opening it: while it stays the same, so does the
/// content, unless that changed within the clock's grain (see [`Stamp::may_hide_a_change`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    pub bytes: u64,
    /// Nanoseconds since 1970.
    pub modified: i128,
    /// The same for the last change of content, name or rights; nobody can set it back.
    pub changed: i128,
    /// Number of the file on its disk; 0 where the system has none.
    pub number: u64,
}

impl Stamp {
    /// Whether the file changed so shortly before `read_at` (nanoseconds since 1970) that a change
    /// right after could bear the same times. Two seconds are the grain of the coarsest disks.
    pub fn may_hide_a_change(&self, read_at: i128) -> bool {
        const GRAIN: i128 = 2_000_000_000;
        self.modified.max(self.changed) + GRAIN > read_at
    }
}

/// The stamp of a file, links followed; `None` where it cannot be had.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds =
            |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Some(Stamp {
            bytes: found.len(),
            modified: nanoseconds(found.mtime(), found.mtime_nsec()),
            changed: nanoseconds(found.ctime(), found.ctime_nsec()),
            number: found.ino(),
        })
    }
    #[cfg(not(unix))]
    {
        let since = found.modified().ok()?.duration_since(std::time::UNIX_EPOCH);
        let modified = since.ok()?.as_nanos() as i128;
        Some(Stamp {
            bytes: found.len(),
            modified,
            changed: modified,
            number: 0,
        })
    }
}

pub fn exists(path: &Path) -> bool {
    path.exists()
}

pub fn is_dir(path: &Path) -> bool {
    path.is_dir()
}

/// Whether nobody but the owner may read a file; a file that is not there counts as private.
pub fn is_private(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let found = std::fs::metadata(path);
        !found.is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        true
    }
}

/// The path with links and `..` resolved; as it was where it does not exist.
pub fn canonical(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

fn make_readable(file: &std::fs::File) -> io::Result<()> {
    #[cfg(unix)]
    {
        // A temporary file starts as private to its owner; an artifact is for everyone.
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    Ok(())
}

fn error(path: &Path, doing: String, source: io::Error) -> FileError {
    FileError {
        doing,
        path: path.to_path_buf(),
        source,
    }
}
