//! The log file: every line written through at once, so that others can follow it while we run.

use crate::base::fs;
use crate::base::fs::FileError;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// An open log file that begins anew when it has grown too large.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    /// In bytes; `None` for no limit.
    limit: Option<u64>,
}

/// Older files that are kept, as `dbt.log.1` (the youngest) to `dbt.log.5`.
const KEPT: usize = 5;

impl LogFile {
    pub(super) fn open(folder: &Path, limit: Option<u64>) -> Result<Self, FileError> {
        let path = folder.join("dbt.log");
        let file = fs::append(&path, "log file")?;
        let size = file.metadata().map_or(0, |data| data.len());
        Ok(LogFile {
            path,
            file,
            size,
            limit,
        })
    }

    /// Adds a line. A log that cannot be written does not stop the work, so failures are dropped.
    pub(super) fn write(&mut self, line: &str) {
        let text = format!("{line}\n");
        if self
            .limit
            .is_some_and(|limit| self.size + text.len() as u64 > limit)
            && self.size > 0
        {
            self.begin_anew();
        }
        if self.file.write_all(text.as_bytes()).is_ok() {
            self.size += text.len() as u64;
        }
    }

    /// Moves `dbt.log` to `dbt.log.1`, that to `dbt.log.2`, and so on.
    fn begin_anew(&mut self) {
        let numbered = |number: usize| self.path.with_extension(format!("log.{number}"));
        for number in (1..KEPT).rev() {
            if fs::exists(&numbered(number)) {
                drop(fs::rename(
                    &numbered(number),
                    &numbered(number + 1),
                    "log file",
                ));
            }
        }
        drop(fs::rename(&self.path, &numbered(1), "log file"));
        if let Ok(file) = fs::append(&self.path, "log file") {
            self.file = file;
            self.size = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::open(folder.path(), Some(12)).unwrap();
        for line in ["one", "two", "three", "four"] {
            log.write(line);
        }
        let read = |name: &str| fs::read_text(&folder.path().join(name), "log").unwrap();
        assert_eq!(read("dbt.log"), "three\nfour\n");
        assert_eq!(read("dbt.log.1"), "one\ntwo\n");
    }
}
