//! Writes one large JSON object piece by piece, entries of a section side by side on all cores.

use rayon::prelude::*;
use serde::Serialize;

/// A JSON object that is being written.
#[derive(Debug)]
pub(super) struct Object {
    out: Vec<u8>,
}

impl Object {
    pub(super) fn new() -> Self {
        Object { out: vec![b'{'] }
    }

    /// Adds one key with its value.
    pub(super) fn put(&mut self, key: &str, value: &impl Serialize) {
        self.key(key);
        append(&mut self.out, value);
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
        let texts: Vec<Vec<u8>> = items
            .par_iter()
            .with_min_len(32)
            .map(|item| {
                let (key, value) = entry(item);
                let mut text = Vec::with_capacity(2048);
                append(&mut text, &key.as_ref());
                text.push(b':');
                append(&mut text, &value);
                text
            })
            .collect();
        self.out.push(b'{');
        self.out.extend(texts.join(&b','));
        self.out.push(b'}');
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }

    fn key(&mut self, key: &str) {
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        append(&mut self.out, &key);
        self.out.push(b':');
    }
}

fn append(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("writing JSON to memory cannot fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_objects() {
        let mut object = Object::new();
        object.put("a", &1);
        object.section("b", &["x", "y"], |name| (name.to_string(), name.len()));
        object.section("c", &[] as &[&str], |name| (name.to_string(), 0));
        assert_eq!(object.finish(), br#"{"a":1,"b":{"x":1,"y":1},"c":{}}"#);
    }
}
