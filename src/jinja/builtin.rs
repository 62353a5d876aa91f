//! The files of `templates/`, embedded when sqlmill is built.
//! Shown to users as macros of the packages `dbt` and `dbt_<warehouse>`, under `macros/`.

use crate::base::SourceFile;
use crate::jinja::registry::DispatchRule;
use crate::jinja::registry::MacroFile;
use crate::jinja::registry::PackageMaterializations;
use crate::jinja::registry::Search;

/// The package of the macros that every warehouse shares.
pub const SHARED: &str = "dbt";

/// Path below `templates/` and content, sorted by path.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// An embedded file by its path below `templates/`.
pub fn file(path: &str) -> Option<&'static [u8]> {
    let at = FILES
        .binary_search_by(|(known, _)| (*known).cmp(path))
        .ok()?;
    Some(FILES[at].1)
}

/// Where macros are looked up in a project on a warehouse.
/// `adapters` is the warehouse and the ones it builds on, nearest first.
pub fn search(root: &str, adapters: &[&str], dispatch: Vec<DispatchRule>) -> Search {
    let internal = adapters.iter().map(|adapter| package(adapter));
    Search {
        root: root.to_string(),
        adapters: adapters.iter().map(|adapter| adapter.to_string()).collect(),
        internal: internal.chain([SHARED.to_string()]).collect(),
        dispatch,
        package_materializations: PackageMaterializations::default(),
    }
}

/// The macro files of the packages that a search counts as internal.
pub fn macro_files(search: &Search) -> Vec<MacroFile> {
    let folders = search.adapters.iter().map(|adapter| {
        let folder = format!("adapters/{adapter}/");
        (folder, package(adapter))
    });
    let shared = ("macros/".to_string(), SHARED.to_string());
    folders
        .chain([shared])
        .flat_map(|(folder, package)| files_in(&folder, &package))
        .collect()
}

fn package(adapter: &str) -> String {
    format!("dbt_{adapter}")
}

fn files_in(folder: &str, package: &str) -> Vec<MacroFile> {
    let files = FILES.iter().filter_map(|(path, content)| {
        let name = path.strip_prefix(folder)?;
        let text = std::str::from_utf8(content).ok()?;
        let path = name.ends_with(".sql").then(|| format!("macros/{name}"))?;
        Some(MacroFile {
            package: package.to_string(),
            file: SourceFile::embedded(path.clone(), text),
            path,
        })
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Bag;
    use crate::jinja::Engine;
    use crate::jinja::Registry;

    #[test]
    fn every_embedded_macro_compiles() {
        for warehouse in ["duckdb", "postgres"] {
            let search = search("shop", &[warehouse], Vec::new());
            let files = macro_files(&search);
            let bag = Bag::new();
            let mut registry = Registry::new(search, &files, &bag);
            assert!(registry.macros().count() > 100);
            // Nothing is internal to this registry, so that all are compiled.
            registry.search.internal.clear();
            Engine::new(registry).check(&bag);
            let mistakes: Vec<String> = bag
                .take()
                .into_iter()
                .map(|d| format!("{:?}: {}", d.place, d.message))
                .collect();
            assert_eq!(mistakes, Vec::<String>::new());
        }
    }
}
