//! The cache as one file: a mark, the frame, what is said about files, the nodes in stretches that are
//! written and read side by side, and a check sum.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::cache::Cache;
use crate::cache::Circumstances;
use crate::cache::Frame;
use crate::cache::Renewal;
use crate::cache::bytes::Damaged;
use crate::cache::bytes::In;
use crate::cache::bytes::Out;
use crate::cache::bytes::Result;
use crate::cache::faces_of_macros;
use crate::cache::listing::Listing;
use crate::cache::stored::Stored;
use crate::cache::stored::record;
use crate::cache::tables::Tables;
use crate::jinja::Engine;
use crate::node::DocBlock;
use crate::node::Group;
use crate::node::MacroDoc;
use crate::node::Node;
use crate::parse::Parsed;
use crate::parse::UsesByFile;
use crc32fast::Hasher;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::io;
use std::io::Write;

/// What every cache begins with; the digits count the shapes it has had.
const MARK: &[u8; 16] = b"sqlmill parse 02";

/// Nodes in one stretch.
const STRETCH: usize = 512;

/// How many stretches are made before they are written: enough for most cores, little memory.
const AT_ONCE: usize = 8;

record!(Frame {
    circumstances,
    flags,
    asked,
    listing,
    macros,
});

/// What is to be kept of a call.
pub struct Contents<'a> {
    /// In any order.
    pub nodes: Vec<&'a Node>,
    pub groups: &'a [Group],
    pub docs: &'a [DocBlock],
    pub macro_docs: &'a [MacroDoc],
    pub told: &'a [Diagnostic],
    pub overall: &'a [Diagnostic],
    pub uses: &'a UsesByFile,
    pub tangled: &'a BTreeSet<String>,
}

impl Contents<'_> {
    /// Writes the cache piece by piece: whole it would be a third of all that is in memory. Gives the
    /// number that tells these contents from others.
    pub fn write(
        &self,
        file: &mut dyn Write,
        now: &Circumstances<'_>,
        engine: &Engine,
        renewal: &Renewal,
    ) -> io::Result<u32> {
        let listing = renewal.listing.as_ref();
        let frame = Frame {
            circumstances: now.sum(),
            flags: now.flags_sum(),
            asked: now.asked(&renewal.asked),
            listing: Listing::of(now.project, listing, now.now()),
            macros: faces_of_macros(engine),
        };
        let tables = self.tables();
        let mut out = Out::new(&tables);
        frame.put(&mut out);
        tables.put(&mut out);
        put_all(self.groups, &mut out);
        put_all(self.docs, &mut out);
        put_all(self.macro_docs, &mut out);
        put_all(self.told, &mut out);
        put_all(self.overall, &mut out);
        self.uses.put(&mut out);
        self.tangled.put(&mut out);
        self.nodes.len().div_ceil(STRETCH).put(&mut out);
        file.write_all(MARK)?;
        let mut sum = Hasher::new();
        let mut write = |bytes: &[u8]| {
            sum.update(bytes);
            file.write_all(bytes)
        };
        write(&out.bytes)?;
        for nodes in self.nodes.chunks(STRETCH * AT_ONCE) {
            for stretch in stretches(nodes, &tables) {
                write(&stretch)?;
            }
        }
        let sum = sum.finalize();
        file.write_all(&sum.to_le_bytes())?;
        Ok(sum)
    }

    fn tables(&self) -> Tables {
        let mut tables = Tables::default();
        for node in &self.nodes {
            tables.add_file(&node.file);
            tables.add_map(&node.config.shared());
            node.unrendered_config
                .shared()
                .into_iter()
                .for_each(|map| tables.add_map(map));
        }
        let told = self.told.iter().chain(self.overall);
        let places = told.flat_map(|told| {
            let related = told.related.iter().map(|(place, _)| place);
            told.place.iter().chain(related)
        });
        places.for_each(|place: &Place| tables.add_file(&place.file));
        tables
    }
}

/// The bytes of some stretches, each with its length before it.
fn stretches(nodes: &[&Node], tables: &Tables) -> Vec<Vec<u8>> {
    let stretch = |nodes: &[&Node]| {
        let mut inner = Out::new(tables);
        nodes.len().put(&mut inner);
        nodes.iter().for_each(|node| node.put(&mut inner));
        let mut out = Out::new(tables);
        out.text(&inner.bytes);
        out.bytes
    };
    nodes.par_chunks(STRETCH).map(stretch).collect()
}

fn put_all<T: Stored>(items: &[T], out: &mut Out<'_>) {
    items.len().put(out);
    items.iter().for_each(|item| item.put(out));
}

/// The check sum, which stands for all before it.
pub(super) fn state(bytes: &[u8]) -> Option<u32> {
    bytes.last_chunk().map(|sum| u32::from_le_bytes(*sum))
}

/// What a file holds; `None` where it was written in other circumstances.
pub(super) fn read(bytes: &[u8], now: &Circumstances<'_>) -> Result<Option<Cache>> {
    let rest = bytes.strip_prefix(MARK).ok_or(Damaged)?;
    let (body, sum) = rest.split_last_chunk::<4>().ok_or(Damaged)?;
    if crc32fast::hash(body).to_le_bytes() != *sum {
        return Err(Damaged);
    }
    let none = Tables::default();
    let mut from = In::new(body, &none);
    let frame = Frame::take(&mut from)?;
    if frame.circumstances != now.sum() || !now.answers(&frame.asked) {
        return Ok(None);
    }
    let tables = Tables::take(&mut from, now.project)?;
    let mut from = from.with(&tables);
    let mut parsed = Parsed {
        groups: Stored::take(&mut from)?,
        docs: Stored::take(&mut from)?,
        macro_docs: Stored::take(&mut from)?,
        told: Stored::take(&mut from)?,
        overall: Stored::take(&mut from)?,
        uses: Stored::take(&mut from)?,
        tangled: Stored::take(&mut from)?,
        nodes: Vec::new(),
    };
    parsed.nodes = nodes(&mut from)?;
    Ok(from.is_at_end().then_some(Cache { frame, parsed }))
}

fn nodes(from: &mut In<'_>) -> Result<Vec<Node>> {
    let count = from.count()?;
    let mut stretches = Vec::with_capacity(count);
    for _ in 0..count {
        let length = from.count()?;
        stretches.push(from.bytes(length)?);
    }
    let tables = from.tables;
    let read = stretches.par_iter().map(|stretch| {
        let mut from = In::new(stretch, tables);
        let nodes: Vec<Node> = Stored::take(&mut from)?;
        Ok(nodes)
    });
    let read: Vec<Vec<Node>> = read.collect::<Result<_>>()?;
    Ok(read.into_iter().flatten().collect())
}
