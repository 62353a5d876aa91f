//! What the templates of a project can call and see: macros, and the names shared by all of them.

use crate::adapter::Credentials;
use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::commands::desk::Desk;
use crate::jinja;
use crate::jinja::DispatchRule;
use crate::jinja::Globals;
use crate::jinja::MacroFile;
use crate::jinja::Missing;
use crate::jinja::PackageMaterializations;
use crate::jinja::Registry;
use crate::jinja::builtin;
use crate::parse;
use crate::project::Package;
use crate::project::Project;
use crate::project::ProjectFile;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Where it is false, materializations of packages stand in for those of sqlmill.
const EXPLICIT_OVERRIDES: &str = "require_explicit_package_overrides_for_builtin_materializations";

/// The macros that come with sqlmill, and those of the project and its packages.
pub(super) fn registry(desk: &Desk, project: &Project, adapter: &str, bag: &Bag) -> Registry {
    let rules = project
        .root
        .settings
        .dispatch
        .iter()
        .map(|rule| DispatchRule {
            macro_namespace: rule.macro_namespace.clone(),
            search_order: rule.search_order.clone(),
        });
    let mut search = builtin::search(&project.root.name, &[adapter], rules.collect());
    if !desk.flags.behaviour(EXPLICIT_OVERRIDES) {
        search.package_materializations = PackageMaterializations::Installed;
    }
    let mut files = builtin::macro_files(&search);
    for package in project.packages() {
        files.extend(macro_files(package));
    }
    let registry = Registry::new(search, &files, bag);
    tell_overrides(&registry, bag);
    registry
}

/// Warns of each materialization of a package that stands in for one of sqlmill's.
fn tell_overrides(registry: &Registry, bag: &Bag) {
    for name in registry.materializations() {
        let Some(found) = registry.materialization(name) else {
            continue;
        };
        if !registry.replaces_internal(found, name) {
            continue;
        }
        let message = format!(
            "Installed package '{}' is overriding the built-in materialization '{name}'. Overrides of \
             built-in materializations from installed packages will be deprecated in future versions of dbt.",
            found.package
        );
        bag.add(
            Diagnostic::warning("package-override", message)
                .event("PackageMaterializationOverrideDeprecation")
                .at(Place::new(&found.file, found.block.whole.start, found.block.body.start))
                .hint(format!(
                    "call it from a materialization of the project's own, and set `{EXPLICIT_OVERRIDES}: true`"
                )),
        );
    }
}

/// The files of a project and its packages that hold macros.
pub(super) fn sources(project: &Project) -> Vec<Arc<SourceFile>> {
    let files = project.packages().flat_map(project_files);
    files.map(|file| file.source.clone()).collect()
}

fn macro_files(package: &Package) -> impl Iterator<Item = MacroFile> {
    project_files(package).map(|file| MacroFile {
        package: package.name.clone(),
        path: file.path.clone(),
        file: file.source.clone(),
    })
}

/// Macros stand in macro files, generic tests also below the test folders.
fn project_files(package: &Package) -> impl Iterator<Item = &ProjectFile> {
    let tests = package.files.tests.iter();
    let tests = tests.filter(|file| parse::is_generic_test(file));
    package.files.macros.iter().chain(tests)
}

/// The shared names of templates, for each package.
pub(super) fn globals(
    desk: &Desk,
    project: &Project,
    credentials: &Credentials,
    missing: Missing,
) -> FxHashMap<String, Arc<Globals>> {
    let mut config = project.runtime_config();
    let threads = desk.flags.threads.unwrap_or(credentials.threads);
    config.insert("threads".to_string(), threads.into());
    let shared = jinja::globals(&jinja::Shared {
        context: &desk.context,
        observer: &desk.observer,
        flags: &desk.flags,
        project_name: &project.root.name,
        target: &credentials.target(),
        config: &config,
    });
    // For texts outside of nodes; a node's own code has names that note what it asks.
    let mut closed = FxHashMap::default();
    jinja::add_capture_names(&mut closed, credentials.dialect(), Arc::new(|| {}));
    let shared = closed
        .into_iter()
        .fold(shared, |shared, (name, value)| shared.with(name, value));
    let of = |package: &Package| Arc::new(shared.with_vars(project.vars_of(package), missing));
    let packages = project.packages();
    packages
        .map(|package| (package.name.clone(), of(package)))
        .collect()
}
