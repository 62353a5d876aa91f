//! One node as it is and as it was: both as the dictionary that manifests hold.

use crate::node::Node;
use crate::state::Places;
use serde_json::Map;
use serde_json::Value;

/// A node in two versions.
pub(super) struct Pair<'a> {
    pub(super) node: &'a Node,
    pub(super) now: &'a Map<String, Value>,
    pub(super) then: &'a Map<String, Value>,
    pub(super) places: Places,
}

impl<'a> Pair<'a> {
    /// Whether a value differs; `path` are keys joined by dots. Missing and null are the same.
    pub(super) fn differs(&self, path: &str) -> bool {
        now_and_then(self, path)
    }

    pub(super) fn differs_in(&self, paths: &[&str]) -> bool {
        paths.iter().any(|path| self.differs(path))
    }

    /// Both values of a key.
    pub(super) fn both(&self, path: &str) -> (Option<&'a Value>, Option<&'a Value>) {
        (find(self.now, path), find(self.then, path))
    }
}

fn now_and_then(pair: &Pair<'_>, path: &str) -> bool {
    let (now, then) = pair.both(path);
    now != then
}

/// The value that a path of keys leads to; `None` for null too.
pub(super) fn find<'a>(map: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut keys = path.split('.');
    let first = map.get(keys.next()?)?;
    let found = keys.try_fold(first, |value, key| value.get(key))?;
    (!found.is_null()).then_some(found)
}
