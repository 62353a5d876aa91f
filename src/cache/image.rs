//! The cache as one file: a mark, a check sum, the frame, what is said about files, and the nodes in
//! stretches that are written and read side by side.

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
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What every cache begins with; the digits count the shapes it has had.
const MARK: &[u8; 16] = b"sqlmill parse 01";

/// Nodes in one stretch.
const STRETCH: usize = 1024;

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
    /// The bytes of the cache.
    pub fn bytes(&self, now: &Circumstances<'_>, engine: &Engine, renewal: &Renewal) -> Vec<u8> {
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
        out.bytes.extend_from_slice(MARK);
        out.bytes.extend_from_slice(&[0; 4]);
        frame.put(&mut out);
        tables.put(&mut out);
        put_all(self.groups, &mut out);
        put_all(self.docs, &mut out);
        put_all(self.macro_docs, &mut out);
        put_all(self.told, &mut out);
        put_all(self.overall, &mut out);
        self.uses.put(&mut out);
        self.tangled.put(&mut out);
        let stretches: Vec<Vec<u8>> = self
            .nodes
            .par_chunks(STRETCH)
            .map(|nodes| {
                let mut out = Out::new(&tables);
                nodes.len().put(&mut out);
                nodes.iter().for_each(|node| node.put(&mut out));
                out.bytes
            })
            .collect();
        stretches.len().put(&mut out);
        stretches.iter().for_each(|stretch| out.text(stretch));
        let sum = crc32fast::hash(&out.bytes[MARK.len() + 4..]);
        out.bytes[MARK.len()..MARK.len() + 4].copy_from_slice(&sum.to_le_bytes());
        out.bytes
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

fn put_all<T: Stored>(items: &[T], out: &mut Out<'_>) {
    items.len().put(out);
    items.iter().for_each(|item| item.put(out));
}

/// What a file holds; `None` where it was written in other circumstances.
pub(super) fn read(bytes: &[u8], now: &Circumstances<'_>) -> Result<Option<Cache>> {
    let rest = bytes.strip_prefix(MARK).ok_or(Damaged)?;
    let (sum, body) = rest.split_at_checked(4).ok_or(Damaged)?;
    if crc32fast::hash(body).to_le_bytes() != sum {
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
