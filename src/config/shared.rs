//! Settings that are the same for many nodes, kept once.

use crate::config::NodeConfig;
use rustc_hash::FxHashMap;
use rustc_hash::FxHasher;
use serde_json::Map;
use serde_json::Value;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Settings seen so far. Most nodes of a project have those of their neighbours.
#[derive(Debug, Default)]
pub struct SharedConfigs {
    /// By the hash of keys and values in their order.
    seen: Mutex<FxHashMap<u64, Vec<Entries>>>,
}

/// Entries in their order, for as many as need them.
pub type Entries = Arc<Map<String, Value>>;

impl SharedConfigs {
    /// The same settings, held together with those of other nodes.
    pub fn share(&self, config: NodeConfig) -> NodeConfig {
        NodeConfig::from(self.share_map(config.shared()))
    }

    /// The same keys and values in the same order, held together with those of other nodes.
    pub fn share_map(&self, map: Entries) -> Entries {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let alike = seen.entry(hash(&map)).or_default();
        match alike.iter().find(|known| known.iter().eq(map.iter())) {
            Some(known) => known.clone(),
            None => {
                alike.push(map.clone());
                map
            }
        }
    }
}

fn hash(map: &Map<String, Value>) -> u64 {
    let mut hasher = FxHasher::default();
    for (key, value) in map {
        key.hash(&mut hasher);
        value.hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Family;
    use serde_json::json;

    fn with(keys: &[&str]) -> NodeConfig {
        let mut config = NodeConfig::new(Family::Model);
        for key in keys {
            config.set(key, json!(1));
        }
        config
    }

    #[test]
    fn the_same_settings_are_kept_once_and_their_order_counts() {
        let shared = SharedConfigs::default();
        let first = shared.share(with(&["a", "b"]));
        let same = shared.share(with(&["a", "b"]));
        let other = shared.share(with(&["b", "a"]));
        assert!(Arc::ptr_eq(&first.shared(), &same.shared()));
        assert!(!Arc::ptr_eq(&first.shared(), &other.shared()));
    }
}
