//! How a name finds a macro: bare, with its package, by dispatch, as a materialization.

use crate::jinja::builtin;
use crate::jinja::registry::Macro;
use crate::jinja::registry::MacroKind;
use crate::jinja::registry::PackageMaterializations;
use crate::jinja::registry::Registry;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Materializations that dbt's adapters bring in a form of their own. Where sqlmill has one more, a
/// project's own for all warehouses goes before it, as it does with dbt.
const ADAPTERS_OWN: [&str; 4] = ["external", "incremental", "table", "table_function"];

impl Registry {
    /// A macro called by its bare name from a node of `package`:
    /// that package, the root project, then what comes with sqlmill.
    pub fn find(&self, package: &str, name: &str) -> Option<&Arc<Macro>> {
        self.in_package(package, name)
            .or_else(|| self.in_package(&self.search.root, name))
            .or_else(|| self.internal(name))
    }

    /// A macro that sqlmill itself calls, by an adapter's method or for a source's age: the root
    /// project's, or that of the last package that has one, or what comes with sqlmill.
    pub fn overriding(&self, name: &str) -> Option<&Arc<Macro>> {
        let packages = self.packages().filter(|package| !self.is_internal(package));
        let imported = packages.filter_map(|package| self.in_package(package, name));
        self.in_package(&self.search.root, name)
            .or_else(|| imported.last())
            .or_else(|| self.internal(name))
    }

    /// A macro that comes with sqlmill; the warehouse's own goes first.
    pub fn internal(&self, name: &str) -> Option<&Arc<Macro>> {
        let mut packages = self.search.internal.iter();
        packages.find_map(|package| self.in_package(package, name))
    }

    /// A macro as `package.name` names it; `dbt.name` finds those of the warehouse too.
    pub fn qualified(&self, package: &str, name: &str) -> Option<&Arc<Macro>> {
        match package {
            builtin::SHARED => self.internal(name),
            package => self.in_package(package, name),
        }
    }

    /// The implementation of a macro for the warehouse, as `adapter.dispatch` picks it for a node of
    /// `package`. The error is dbt's text, with the names that were tried.
    pub fn dispatch(
        &self,
        package: &str,
        name: &str,
        namespace: Option<&str>,
    ) -> Result<&Arc<Macro>, String> {
        if let Some((namespace, name_only)) = name.split_once('.') {
            return Err(format!(
                "In adapter.dispatch, got a macro name of \"{name}\", but \".\" is not a valid macro \
                 name component. Did you mean `adapter.dispatch(\"{name_only}\", \
                 macro_namespace=\"{namespace}\")`?"
            ));
        }
        let mut tried = Vec::new();
        for place in self.dispatch_order(namespace) {
            for prefix in self.prefixes() {
                let name = format!("{prefix}__{name}");
                let found = match place {
                    Some(package) => self.qualified(package, &name),
                    None => self.find(package, &name),
                };
                if let Some(found) = found {
                    return Ok(found);
                }
                tried.push(match place {
                    Some(package) => format!("'{package}.{name}'"),
                    None => format!("'{name}'"),
                });
            }
        }
        Err(format!(
            "In dispatch: No macro named '{name}' found within namespace: '{}'\n    Searched for: {}",
            namespace.unwrap_or("None"),
            tried.join(", ")
        ))
    }

    /// A materialization for the warehouse. One made for the warehouse goes before one for all, and
    /// then the root project before a package before sqlmill; but a package replaces what comes with
    /// sqlmill only where the search says so.
    pub fn materialization(&self, name: &str) -> Option<&Arc<Macro>> {
        let mut candidates: Vec<_> = self
            .macros()
            .filter_map(|found| Some((self.rank(found, name)?, found)))
            .collect();
        let comes_with_sqlmill = |found: &Macro| self.is_internal(&found.package);
        let explicit = self.search.package_materializations == PackageMaterializations::AskedFor;
        let mut found = candidates.iter();
        if explicit && found.any(|(_, found)| comes_with_sqlmill(found)) {
            candidates.retain(|(_, found)| {
                comes_with_sqlmill(found) || found.package == self.search.root
            });
        }
        let best = candidates.into_iter().min_by_key(|(rank, _)| *rank);
        best.map(|(_, found)| found)
    }

    /// Whether a materialization of an installed package is there under a name of sqlmill's own.
    pub fn replaces_internal(&self, found: &Macro, name: &str) -> bool {
        let is_package = !self.is_internal(&found.package) && found.package != self.search.root;
        let mut internal = self
            .macros()
            .filter(|found| self.is_internal(&found.package));
        is_package && internal.any(|found| self.rank(found, name).is_some())
    }

    /// Names of all materializations, each once, sorted.
    pub fn materializations(&self) -> Vec<&str> {
        let names = self.macros().filter_map(|found| match &found.kind {
            MacroKind::Materialization { name, .. } => Some(name.as_str()),
            _ => None,
        });
        let sorted: BTreeSet<&str> = names.collect();
        sorted.into_iter().collect()
    }

    /// Packages in the order of a dispatch; `None` stands for "as a bare name is found".
    fn dispatch_order<'a>(&'a self, namespace: Option<&'a str>) -> Vec<Option<&'a str>> {
        let Some(namespace) = namespace else {
            return vec![None];
        };
        let mut rules = self.search.dispatch.iter();
        if let Some(rule) = rules.find(|rule| rule.macro_namespace == namespace) {
            return rule.search_order.iter().map(|p| Some(p.as_str())).collect();
        }
        match self.has_package(namespace) {
            true => vec![Some(&self.search.root), Some(namespace)],
            false => vec![None],
        }
    }

    fn prefixes(&self) -> impl Iterator<Item = &str> {
        let adapters = self.search.adapters.iter().map(String::as_str);
        adapters.chain(["default"])
    }

    /// Smaller is better; `None` for what is no materialization of this name and warehouse.
    fn rank(&self, found: &Macro, wanted: &str) -> Option<(usize, usize)> {
        let MacroKind::Materialization { name, adapter, .. } = &found.kind else {
            return None;
        };
        if name != wanted {
            return None;
        }
        let fit = self.prefixes().position(|prefix| prefix == adapter)?;
        let usual = self.prefixes().count() - 1;
        let is_ours_alone = !ADAPTERS_OWN.contains(&wanted);
        Some(match &found.package {
            package if *package == self.search.root => (fit, 0),
            package if !self.is_internal(package) => (fit, 1),
            _ if fit < usual && is_ours_alone => (usual, 2),
            _ => (fit, 3),
        })
    }
}
