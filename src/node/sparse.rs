//! A map that is empty more often than not.

use serde::Serialize;
use serde::Serializer;
use serde_json::Map;
use serde_json::Value;
use std::ops::Deref;
use std::ops::DerefMut;
use std::sync::Arc;
use std::sync::LazyLock;

/// Reads like the map it holds. One word, and no memory while there is nothing in it; clones share
/// their entries until one of them changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SparseMap(Option<Arc<Map<String, Value>>>);

impl SparseMap {
    /// The same entries, kept where `keep` says.
    pub fn kept(
        self,
        keep: impl FnOnce(Arc<Map<String, Value>>) -> Arc<Map<String, Value>>,
    ) -> Self {
        SparseMap(self.0.map(keep))
    }
}

impl SparseMap {
    /// The entries as they are shared; `None` where there are none.
    pub fn shared(&self) -> Option<&Arc<Map<String, Value>>> {
        self.0.as_ref()
    }
}

impl From<Arc<Map<String, Value>>> for SparseMap {
    fn from(map: Arc<Map<String, Value>>) -> Self {
        SparseMap((!map.is_empty()).then_some(map))
    }
}

impl From<Map<String, Value>> for SparseMap {
    fn from(map: Map<String, Value>) -> Self {
        SparseMap((!map.is_empty()).then(|| Arc::new(map)))
    }
}

impl From<SparseMap> for Map<String, Value> {
    fn from(map: SparseMap) -> Self {
        map.0.map(Arc::unwrap_or_clone).unwrap_or_default()
    }
}

impl FromIterator<(String, Value)> for SparseMap {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(entries: I) -> Self {
        Map::from_iter(entries).into()
    }
}

impl Deref for SparseMap {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

impl DerefMut for SparseMap {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

impl Serialize for SparseMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_empty_one_holds_nothing_and_a_changed_one_its_own() {
        assert_eq!(SparseMap::from(Map::new()), SparseMap::default());
        let mut one: SparseMap = [("a".to_string(), json!(1))].into_iter().collect();
        let other = one.clone();
        one.insert("b".to_string(), json!(2));
        assert_eq!((one.len(), other.len()), (2, 1));
        assert_eq!(json!(one), json!({"a": 1, "b": 2}));
    }
}
