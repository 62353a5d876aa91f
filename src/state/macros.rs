//! Macros whose text is not what it was, and who calls them.

use crate::jinja::Registry;
use crate::state::Earlier;
use rustc_hash::FxHashSet;

/// The macros that changed since an earlier manifest.
pub(super) struct ChangedMacros<'a> {
    registry: &'a Registry,
    changed: FxHashSet<&'a str>,
}

impl<'a> ChangedMacros<'a> {
    /// Macros that come with the engine are no part of the project: another version of it, or dbt
    /// itself, spells them otherwise.
    pub(super) fn new(registry: &'a Registry, earlier: &'a Earlier) -> Self {
        let own = registry
            .macros()
            .filter(|found| !registry.is_internal(&found.package));
        let changed = own.filter(|found| {
            let before = earlier.macros.get(&found.unique_id);
            before.map(|text| text.trim()) != Some(found.text().trim())
        });
        ChangedMacros {
            registry,
            changed: changed.map(|found| found.unique_id.as_str()).collect(),
        }
    }

    /// Whether one of these macros, or one that they call, has changed.
    pub(super) fn are_called_by(&self, ids: &[String]) -> bool {
        if self.changed.is_empty() {
            return false;
        }
        let mut seen: FxHashSet<&str> = ids.iter().map(String::as_str).collect();
        let mut open: Vec<&str> = seen.iter().copied().collect();
        while let Some(id) = open.pop() {
            if self.changed.contains(id) {
                return true;
            }
            let called = self
                .registry
                .by_id(id)
                .map(|found| self.registry.called_by(found));
            open.extend(called.into_iter().flatten().filter(|id| seen.insert(id)));
        }
        false
    }
}
