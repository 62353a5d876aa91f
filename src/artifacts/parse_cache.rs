//! `parse_cache.bin`: what an earlier call found in the files of the project; and `parse_cache.mark`: of
//! which of its states the manifest beside it is, so that one that would be the same is not written.
//! No artifacts: their shapes are nobody else's business, and deleting them costs time only.

use crate::base::fs;
use crate::base::fs::Stamp;
use sha2::Digest;
use sha2::Sha256;
use std::io;
use std::io::Write;
use std::path::Path;

const NAME: &str = "parse_cache.bin";
const MARK: &str = "parse_cache.mark";

/// The records that tell nothing but what was found in the files.
const RECORDS: [&str; 3] = [
    "manifest.json",
    "semantic_manifest.json",
    "graph_summary.json",
];

/// The file of a target folder; `None` where there is none that can be read.
pub fn read(folder: &Path) -> Option<Vec<u8>> {
    fs::read_bytes(&folder.join(NAME), NAME).ok()
}

/// Writes the file whole, or leaves the old one: then there is no answer.
pub fn write<T>(folder: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> Option<T> {
    let mut answer = None;
    let written = fs::write_atomic_with(&folder.join(NAME), NAME, |out| {
        answer = Some(content(out)?);
        Ok(())
    });
    // A folder that takes no artifacts is told of when one is written.
    written.ok().and(answer)
}

/// Whether the records of a folder are those that were written of this state, and untouched since.
pub(super) fn is_marked(folder: &Path, state: &[u8]) -> bool {
    let mark = fs::read_bytes(&folder.join(MARK), MARK);
    mark.is_ok_and(|mark| Some(mark) == self::mark(folder, state))
}

/// Notes that the records of a folder were just written of this state.
pub(super) fn set_mark(folder: &Path, state: &[u8]) {
    if let Some(mark) = mark(folder, state) {
        // Without it the records are written again.
        let _ = fs::write_atomic(&folder.join(MARK), &mark, MARK);
    }
}

/// `None` where a record is missing.
fn mark(folder: &Path, state: &[u8]) -> Option<Vec<u8>> {
    let mut hash = Sha256::new_with_prefix(state);
    for name in RECORDS {
        let Stamp {
            bytes,
            modified,
            changed,
            number,
        } = fs::stamp(&folder.join(name))?;
        hash.update(format!("{bytes} {modified} {changed} {number};"));
    }
    Some(hash.finalize().to_vec())
}
