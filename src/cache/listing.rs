//! The files of the project as an earlier call found them, held against the disk.
//! A file is the same while its stamp is; where the stamp says nothing, its content decides.

use crate::base::fs;
use crate::base::fs::Stamp;
use crate::cache::bytes::In;
use crate::cache::bytes::Out;
use crate::cache::bytes::Result;
use crate::cache::stored::Stored;
use crate::cache::stored::record;
use crate::project::Project;
use crate::project::ProjectFile;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use sha2::Digest;
use sha2::Sha256;

/// The first half of a SHA-256.
pub(super) type Sum = [u8; 16];

pub(super) fn sum(bytes: &[u8]) -> Sum {
    let whole: [u8; 32] = Sha256::digest(bytes).into();
    std::array::from_fn(|at| whole[at])
}

#[derive(Debug, Clone)]
pub(super) struct Listed {
    shown: String,
    stamp: Option<Stamp>,
    /// Of its content; `None` where it could not be read.
    sum: Option<Sum>,
}

record!(Listed { shown, stamp, sum });

/// Every file of a project, ordered by path.
#[derive(Debug, Clone, Default)]
pub(super) struct Listing {
    files: Vec<Listed>,
    /// When the files were listed, in nanoseconds since 1970.
    at: i128,
}

record!(Listing { files, at });

/// What has happened to files since.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Edits {
    /// Shown paths of files with another content.
    pub edited: FxHashSet<String>,
    /// Whether content had to be compared for a file that turned out to be the same.
    pub compared: bool,
}

impl Listing {
    /// The files of a project that was read. What was not read now is as `before` has it.
    pub(super) fn of(project: &Project, before: Option<&Listing>, at: i128) -> Self {
        let known: FxHashMap<&str, &Listed> = before.map(Listing::by_path).unwrap_or_default();
        let files = files(project);
        let files = files.par_iter().map(|file| {
            let shown = file.source.shown.as_str();
            let known = known.get(shown).and_then(|known| known.sum);
            Listed {
                shown: shown.to_string(),
                stamp: file.stamp,
                sum: match file.source.known_text() {
                    Some(text) => Some(sum(text.as_bytes())),
                    None => known.or_else(|| sum_on_disk(file)),
                },
            }
        });
        let files = files.collect();
        Listing { files, at }
    }

    /// `None` where files have come, gone, or become of another kind.
    pub(super) fn compare(&self, project: &Project) -> Option<Edits> {
        let files = files(project);
        if files.len() != self.files.len() {
            return None;
        }
        let mut edits = Edits::default();
        let mut doubtful = Vec::new();
        for (file, known) in files.iter().zip(&self.files) {
            if file.source.shown != known.shown {
                return None;
            }
            let is_same = file.stamp.is_some() && file.stamp == known.stamp;
            if !is_same || file.stamp.is_some_and(|s| s.may_hide_a_change(self.at)) {
                doubtful.push((*file, known));
            }
        }
        edits.compared = !doubtful.is_empty();
        let edited = doubtful
            .par_iter()
            .filter(|(file, known)| known.sum.is_none() || sum_on_disk(file) != known.sum);
        edits.edited = edited.map(|(file, _)| file.source.shown.clone()).collect();
        Some(edits)
    }

    fn by_path(&self) -> FxHashMap<&str, &Listed> {
        let files = self.files.iter();
        files.map(|file| (file.shown.as_str(), file)).collect()
    }
}

/// Each file once, ordered by path.
fn files(project: &Project) -> Vec<&ProjectFile> {
    let packages = project.packages();
    let mut files: Vec<&ProjectFile> = packages.flat_map(|p| p.files.all()).collect();
    files.sort_by(|a, b| a.source.shown.cmp(&b.source.shown));
    files.dedup_by(|a, b| a.source.shown == b.source.shown);
    files
}

/// The sum of what the file holds now; `None` where it cannot be read.
fn sum_on_disk(file: &ProjectFile) -> Option<Sum> {
    let bytes = fs::read_bytes(&file.source.path, "project file").ok()?;
    Some(sum(&bytes))
}
