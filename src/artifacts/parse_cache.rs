//! `parse_cache.bin`: what an earlier call found in the files of the project. No artifact: its shape is
//! the room `cache`'s own, nobody else reads it, and deleting it costs time only.

use crate::base::fs;
use std::io;
use std::io::Write;
use std::path::Path;

const NAME: &str = "parse_cache.bin";

/// The file of a target folder; `None` where there is none that can be read.
pub fn read(folder: &Path) -> Option<Vec<u8>> {
    fs::read_bytes(&folder.join(NAME), NAME).ok()
}

/// Writes the file whole, or leaves the old one.
pub fn write(folder: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    // A folder that takes no artifacts is told of when one is written.
    let _ = fs::write_atomic_with(&folder.join(NAME), NAME, content);
}
