//! Writes one large JSON object piece by piece, the entries of a long value side by side on all cores.
//! Promise: no more than a few hundred entries are in memory at a time.

use rayon::prelude::*;
use serde::Serialize;
use std::io;
use std::io::Write;

/// How many entries are made before they are written: enough for all cores, little memory.
const AT_ONCE: usize = 512;

/// A JSON object that is being written.
pub(super) struct Object<'w> {
    out: &'w mut dyn Write,
    /// What goes out next.
    piece: Vec<u8>,
    is_first: bool,
    /// The first failure; after it nothing more is written.
    done: io::Result<()>,
}

impl<'w> Object<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Object {
            out,
            piece: vec![b'{'],
            is_first: true,
            done: Ok(()),
        }
    }

    /// Adds one key with its value.
    pub(super) fn put(&mut self, key: &str, value: &impl Serialize) {
        self.key(key);
        append(&mut self.piece, value);
        self.flush();
    }

    /// Adds a key whose value is an object with an entry per item; items keep their order.
    pub(super) fn section<'t, T, K, V>(
        &mut self,
        key: &str,
        items: &'t [T],
        entry: impl Fn(&'t T) -> (K, V) + Sync,
    ) where
        T: Sync,
        K: AsRef<str>,
        V: Serialize,
    {
        self.key(key);
        self.piece.push(b'{');
        self.pieces(items, |text, item| {
            let (key, value) = entry(item);
            append(text, &key.as_ref());
            text.push(b':');
            append(text, &value);
        });
        self.piece.push(b'}');
    }

    /// Adds a key whose value is a list with a record per item; items keep their order.
    pub(super) fn list<'t, T, V>(
        &mut self,
        key: &str,
        items: &'t [T],
        record: impl Fn(&'t T) -> V + Sync,
    ) where
        T: Sync,
        V: Serialize,
    {
        self.key(key);
        self.piece.push(b'[');
        self.pieces(items, |text, item| append(text, &record(item)));
        self.piece.push(b']');
    }

    /// The first failure to write, if there was one.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.piece.push(b'}');
        self.flush();
        self.done
    }

    /// Writes what `write` makes of each item, with commas in between.
    fn pieces<'t, T: Sync>(&mut self, items: &'t [T], write: impl Fn(&mut Vec<u8>, &'t T) + Sync) {
        for (at, batch) in items.chunks(AT_ONCE).enumerate() {
            if at > 0 {
                self.piece.push(b',');
            }
            for (at, text) in texts(batch, &write).iter().enumerate() {
                if at > 0 {
                    self.piece.push(b',');
                }
                self.piece.extend_from_slice(text);
            }
            self.flush();
        }
    }

    fn key(&mut self, key: &str) {
        if !self.is_first {
            self.piece.push(b',');
        }
        self.is_first = false;
        append(&mut self.piece, &key);
        self.piece.push(b':');
    }

    fn flush(&mut self) {
        if self.done.is_ok() {
            self.done = self.out.write_all(&self.piece);
        }
        self.piece.clear();
    }
}

/// The texts of some items, several in one piece, in order.
fn texts<'t, T: Sync>(
    items: &'t [T],
    write: &(impl Fn(&mut Vec<u8>, &'t T) + Sync),
) -> Vec<Vec<u8>> {
    let together = |items: &'t [T]| {
        let mut text = Vec::with_capacity(items.len() * 2048);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                text.push(b',');
            }
            write(&mut text, item);
        }
        text
    };
    items.par_chunks(32).map(together).collect()
}

fn append(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("writing JSON to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_objects() {
        let mut text = Vec::new();
        let mut object = Object::new(&mut text);
        object.put("a", &1);
        object.section("b", &["x", "y"], |name| (name.to_string(), name.len()));
        object.section("c", &[] as &[&str], |name| (name.to_string(), 0));
        object.finish().unwrap();
        assert_eq!(text, br#"{"a":1,"b":{"x":1,"y":1},"c":{}}"#);
    }

    #[test]
    fn lists_are_lists() {
        let mut text = Vec::new();
        let mut object = Object::new(&mut text);
        object.list("a", &["x", "yy"], |name| name.len());
        object.list("b", &[] as &[&str], |name| name.len());
        object.finish().unwrap();
        assert_eq!(text, br#"{"a":[1,2],"b":[]}"#);
    }

    #[test]
    fn long_lists_lose_nothing() {
        let items: Vec<usize> = (0..AT_ONCE * 2 + 33).collect();
        let mut text = Vec::new();
        let mut object = Object::new(&mut text);
        object.list("all", &items, |item| *item);
        object.finish().unwrap();
        let read: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(read["all"], serde_json::json!(items));
    }

    #[test]
    fn long_sections_lose_nothing() {
        let items: Vec<usize> = (0..AT_ONCE * 2 + 33).collect();
        let mut text = Vec::new();
        let mut object = Object::new(&mut text);
        object.section("all", &items, |item| (item.to_string(), *item));
        object.finish().unwrap();
        let read: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let keys: Vec<String> = read["all"].as_object().unwrap().keys().cloned().collect();
        let expected: Vec<String> = items.iter().map(usize::to_string).collect();
        assert_eq!(keys, expected);
    }
}
