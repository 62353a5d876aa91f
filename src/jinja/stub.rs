//! PLACEHOLDER: `Globals` comes from colleague "python" (functions/), relation/relation_of/Results/add_warehouse_names from
//! colleague "adapter". Keep these signatures if you can; remove each when yours lands. `add_warehouse_names` puts `adapter`, `api`,
//! `store_result`-free names for a session into the scope of a node.
use super::*;
#[derive(Debug, Default)]
pub struct Globals {}
impl Globals {
    pub fn get(&self, _n: &str) -> Option<Value> {
        None
    }
    pub fn names(&self) -> Vec<String> {
        vec![]
    }
}
pub fn add_warehouse_names(
    _n: &mut rustc_hash::FxHashMap<&'static str, Value>,
    _s: &std::sync::Arc<std::sync::Mutex<crate::adapter::Session>>,
    _p: &str,
) {
}
