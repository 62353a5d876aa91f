//! All macros of all packages, and the rules by which a name finds one.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::jinja::code::Code;
use crate::jinja::code::Interner;
use crate::jinja::compile;
use crate::jinja::compile::Source;
use crate::jinja::error::Frame;
use crate::jinja::error::RenderError;
use crate::jinja::header;
use crate::jinja::header::Header;
use crate::jinja::header::Parameter;
use crate::jinja::scan;
use crate::jinja::scan::Block;
use crate::jinja::scan::Kind;
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

/// What a macro file may declare.
const KINDS: [Kind; 3] = [Kind::Macro, Kind::Test, Kind::Materialization];

type Map<K, V> = IndexMap<K, V, FxBuildHasher>;

/// One macro, generic test or materialization.
pub struct Macro {
    /// `macro.<package>.<name>`.
    pub unique_id: String,
    pub package: String,
    /// As it is called: `test_unique` for a test, `materialization_table_default` for one of those.
    pub name: String,
    pub kind: MacroKind,
    pub file: Arc<SourceFile>,
    /// Path relative to its package, with `/`.
    pub path: String,
    pub block: Block,
    pub parameters: Vec<Parameter>,
    code: OnceLock<Result<Arc<Code>, Box<RenderError>>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MacroKind {
    Macro,
    Test,
    Materialization {
        name: String,
        /// `default` where the materialization is for every warehouse.
        adapter: String,
        supported_languages: Vec<String>,
    },
}

/// A file that may declare macros.
#[derive(Debug, Clone)]
pub struct MacroFile {
    pub package: String,
    /// Path relative to its package, with `/`.
    pub path: String,
    pub file: Arc<SourceFile>,
}

/// Whose macros go first.
#[derive(Debug, Clone, Default)]
pub struct Search {
    pub root: String,
    /// The warehouse and the ones it builds on, nearest first, such as `["duckdb"]`.
    pub adapters: Vec<String>,
    /// Packages that come with sqlmill, nearest first, such as `["dbt_duckdb", "dbt"]`.
    pub internal: Vec<String>,
    /// `dispatch:` of the project file.
    pub dispatch: Vec<DispatchRule>,
    pub package_materializations: PackageMaterializations,
}

/// Whether a materialization of an installed package stands in for one that comes with sqlmill.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PackageMaterializations {
    /// Only where the root project calls it in one of its own.
    #[default]
    AskedFor,
    /// As soon as the package is installed.
    Installed,
}

/// One entry of `dispatch:` in a project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchRule {
    pub macro_namespace: String,
    pub search_order: Vec<String>,
}

/// All macros, by package and name.
#[derive(Debug, Default)]
pub struct Registry {
    pub search: Search,
    packages: Map<String, Map<String, Arc<Macro>>>,
}

impl Registry {
    /// Finds the macros in files; mistakes and duplicates go into the bag.
    pub fn new(search: Search, files: &[MacroFile], bag: &Bag) -> Self {
        let mut registry = Registry {
            search,
            packages: Map::default(),
        };
        for package in &registry.search.internal {
            registry.packages.entry(package.clone()).or_default();
        }
        for file in files {
            for block in scan::blocks(&file.file, &KINDS, bag) {
                registry.add(file, block, bag);
            }
        }
        registry
    }

    /// Macros in the order of their packages and files.
    pub fn macros(&self) -> impl Iterator<Item = &Arc<Macro>> {
        self.packages.values().flat_map(Map::values)
    }

    /// A macro by its `unique_id`.
    pub fn by_id(&self, unique_id: &str) -> Option<&Arc<Macro>> {
        let (package, name) = unique_id.strip_prefix("macro.")?.split_once('.')?;
        self.in_package(package, name)
    }

    pub fn in_package(&self, package: &str, name: &str) -> Option<&Arc<Macro>> {
        self.packages.get(package)?.get(name)
    }

    /// The packages that have macros, and those that come with sqlmill.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.packages.keys().map(String::as_str)
    }

    pub fn has_package(&self, package: &str) -> bool {
        self.packages.contains_key(package)
    }

    pub fn names_in(&self, package: &str) -> impl Iterator<Item = &str> {
        let macros = self.packages.get(package).into_iter().flatten();
        macros.map(|(name, _)| name.as_str())
    }

    /// The name of the project itself.
    pub fn root(&self) -> &str {
        &self.search.root
    }

    /// Whether the user has a say in what a macro of ours does: by its name, or where it dispatches to.
    pub fn is_overridden(&self, name: &str) -> bool {
        let found = self.overriding(name);
        let implementation = self.dispatch(self.root(), name, Some("dbt")).ok();
        let mut both = found.into_iter().chain(implementation);
        both.any(|found| !self.is_internal(&found.package))
    }

    pub fn is_internal(&self, package: &str) -> bool {
        self.search.internal.iter().any(|known| known == package)
    }

    fn add(&mut self, file: &MacroFile, block: Block, bag: &Bag) {
        let header = match header::read(&file.file, &block) {
            Ok(header) => header,
            Err(wrong) => return bag.add(*wrong),
        };
        let found = Arc::new(Macro::new(file, block, header));
        let package = self.packages.entry(file.package.clone()).or_default();
        match package.get(&found.name) {
            Some(first) => bag.add(duplicate(first, &found)),
            None => {
                package.insert(found.name.clone(), found);
            }
        }
    }
}

impl Macro {
    fn new(file: &MacroFile, block: Block, header: Header) -> Self {
        Macro {
            unique_id: format!("macro.{}.{}", file.package, header.name),
            package: file.package.clone(),
            name: header.name,
            kind: header.kind,
            file: file.file.clone(),
            path: file.path.clone(),
            block,
            parameters: header.parameters,
            code: OnceLock::new(),
        }
    }

    /// The block as written, with its tags and the white space that they remove.
    pub fn text(&self) -> &str {
        &self.file.text()[self.block.written.clone()]
    }

    /// The opening tag's place.
    pub fn place(&self) -> Place {
        Place::new(&self.file, self.block.header.start, self.block.header.end)
    }

    /// The compiled body; compiled when first asked for.
    pub(crate) fn code(&self, names: &Interner) -> Result<&Arc<Code>, RenderError> {
        let code = self.code.get_or_init(|| {
            let parameters = Source {
                file: &self.file,
                range: header::parameters_range(self.file.text(), &self.block),
            };
            let body = Source {
                file: &self.file,
                range: self.block.body.clone(),
            };
            let code = compile::macro_body(&self.name, &parameters, &body, names);
            code.map(Arc::new).map_err(|mut error| {
                if error.frames.is_empty() {
                    error.frames.push(Frame {
                        place: Some(self.place()),
                        callee: None,
                    });
                }
                Box::new(error)
            })
        });
        code.as_ref().map_err(|error| (**error).clone())
    }
}

impl fmt::Debug for Macro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.unique_id)
    }
}

fn duplicate(first: &Macro, second: &Macro) -> Diagnostic {
    Diagnostic::error(
        "duplicate-macro",
        format!(
            "dbt found multiple macros named \"{}\" in the project \"{}\"",
            second.name, second.package
        ),
    )
    .at(second.place())
    .related(first.place(), "the other one is here")
    .hint("rename or remove one of them")
}
