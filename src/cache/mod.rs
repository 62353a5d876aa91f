//! What an earlier call found in the files of a project, and how much of it still holds.
//! Promise: with a cache or without one, a call gives the same answer; whatever is older, damaged or in
//! doubt counts as not there.
//! Not here: where the file lies (`artifacts`), the parse itself (`parse`).

mod bytes;
mod circumstances;
mod image;
mod listing;
mod reach;
mod records;
mod stored;
mod tables;

use crate::cache::circumstances::Asked;
use crate::cache::listing::Edits;
use crate::cache::listing::Listing;
use crate::cache::listing::Sum;
use crate::cache::reach::Face;
use crate::cache::reach::Reach;
use crate::jinja::Engine;
use crate::jinja::registry::Macro;
use crate::node::Resource;
use crate::parse::Parsed;
use crate::project::Project;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

pub use circumstances::Circumstances;
pub use image::Contents;

/// What an earlier call left.
pub struct Cache {
    frame: Frame,
    parsed: Parsed,
}

/// Everything but the nodes.
#[derive(Debug, Default)]
struct Frame {
    circumstances: Sum,
    flags: Sum,
    asked: Asked,
    listing: Listing,
    macros: Macros,
}

/// What can be called of each file of macros: names and parameters.
type Macros = BTreeMap<String, Sum>;

/// How much of the earlier result holds.
pub enum Held {
    /// Nothing: the project has to be read whole.
    Nothing,
    /// All of it.
    All(Box<Parsed>),
    /// All but some files.
    Part(Box<Part>),
}

/// A part of the files to read again.
pub struct Part {
    /// Their shown paths.
    pub files: FxHashSet<String>,
    /// What holds of all other files.
    pub rest: Parsed,
    pub promise: Promise,
}

/// What all other files go by while a part is read again.
pub struct Promise {
    files: FxHashSet<String>,
    face: Face,
}

impl Promise {
    /// Whether what was read again looks to the other files as it did before.
    pub fn is_kept(&self, parsed: &Parsed, project: &Project) -> bool {
        let reach = Reach::new(project, self.files.clone());
        reach.face(&parsed.nodes) == self.face
    }
}

impl Cache {
    /// The cache out of a file; `None` where it is of no use to this call.
    pub fn read(bytes: &[u8], now: &Circumstances<'_>) -> Option<Self> {
        image::read(bytes, now).ok().flatten()
    }

    /// The number that tells the contents of a cache from others; `None` for what is no cache.
    pub fn state(bytes: &[u8]) -> Option<u32> {
        image::state(bytes)
    }

    /// Holds the cache against the project as it is now.
    pub fn hold(self, now: &Circumstances<'_>, engine: &Engine, inline: Inline) -> (Held, Renewal) {
        let Some(edits) = self.frame.listing.compare(now.project) else {
            return (Held::Nothing, Renewal::default());
        };
        let renewal = Renewal {
            listing: Some(self.frame.listing.clone()),
            asked: self.frame.asked.clone(),
            is_due: edits.compared || !edits.edited.is_empty(),
        };
        (self.held(now, engine, inline, &edits), renewal)
    }

    fn held(
        mut self,
        now: &Circumstances<'_>,
        engine: &Engine,
        inline: Inline,
        edits: &Edits,
    ) -> Held {
        let Some(start) = self.stale(now, engine, edits) else {
            return Held::Nothing;
        };
        if start.is_empty() && inline == Inline::None {
            return Held::All(Box::new(self.parsed));
        }
        let mut reach = Reach::new(now.project, start);
        reach.spread(&self.parsed.nodes);
        if reach.is_whole(edits, &self.parsed) {
            return Held::Nothing;
        }
        let face = reach.face(&self.parsed.nodes);
        self.parsed.nodes.retain(|node| {
            let is_made_anew =
                matches!(node.resource, Resource::Operation | Resource::SqlOperation);
            !is_made_anew && !reach.takes(node)
        });
        let files = reach.files;
        let promise = Promise {
            files: files.clone(),
            face,
        };
        let is_read_again = |file: &str| files.contains(file) || edits.edited.contains(file);
        self.parsed.told.retain(|told| {
            let place = told.place.as_ref();
            !place.is_some_and(|place| is_read_again(&place.file.shown))
        });
        self.parsed.uses.retain(|file, _| !files.contains(file));
        Held::Part(Box::new(Part {
            files,
            rest: self.parsed,
            promise,
        }))
    }

    /// Files whose part of the result no longer holds, before that spreads; `None` for all.
    fn stale(
        &self,
        now: &Circumstances<'_>,
        engine: &Engine,
        edits: &Edits,
    ) -> Option<FxHashSet<String>> {
        let macros = faces_of_macros(engine);
        if macros != self.frame.macros {
            return None;
        }
        let changed = changed_macros(engine, edits);
        let other_flags = now.flags_sum() != self.frame.flags;
        let mut stale: FxHashSet<String> = edits.edited.iter().cloned().collect();
        for (file, uses) in &self.parsed.uses {
            let is_stale =
                uses.call || (uses.flags && other_flags) || !uses.macros.is_disjoint(&changed);
            if is_stale {
                stale.insert(file.clone());
            }
        }
        Some(stale)
    }
}

/// Whether the call brings a query of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inline {
    None,
    Given,
}

/// What the next cache takes over from this one.
#[derive(Debug, Default)]
pub struct Renewal {
    listing: Option<Listing>,
    asked: Asked,
    /// Whether there is something to take over: files have changed, or had to be compared by their
    /// content, which the next call need not do.
    pub is_due: bool,
}

/// The macros of edited files.
fn changed_macros(engine: &Engine, edits: &Edits) -> BTreeSet<String> {
    let own = own_macros(engine).filter(|found| edits.edited.contains(&found.file.shown));
    own.map(|found| found.unique_id.clone()).collect()
}

fn own_macros(engine: &Engine) -> impl Iterator<Item = &Macro> {
    let registry = engine.registry();
    let macros = registry.macros().map(AsRef::as_ref);
    macros.filter(|found: &&Macro| !registry.is_internal(&found.package))
}

fn faces_of_macros(engine: &Engine) -> Macros {
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for found in own_macros(engine) {
        let parameters: Vec<&str> = found.parameters.iter().map(|p| p.name.as_str()).collect();
        let line = format!("{} {:?} {parameters:?}", found.unique_id, found.kind);
        lines.entry(&found.file.shown).or_default().push(line);
    }
    let sums = lines.into_iter().map(|(file, mut lines)| {
        lines.sort_unstable();
        (file.to_string(), listing::sum(lines.join("\n").as_bytes()))
    });
    sums.collect()
}
