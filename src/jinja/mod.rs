//! Templates: the engine, blocks in files, macros of all packages and how a name finds one.
//!
//! ```text
//! let registry = Registry::new(search, &files, &bag);      // finds macros in files
//! let engine = Engine::new(registry);                      // Arc<Engine>, for all threads
//! engine.check(&bag);                                      // reports broken macros of users
//! let text = engine.render(&Template::file(&file), &scope)?;
//! let value = engine.call_by_name(None, "generate_schema_name", args, named, &scope)?;
//! ```
//!
//! A room above gives a node's names by implementing [`Scope`], and functions by [`function`]:
//!
//! ```text
//! function("ref", |site: &CallSite, mut args: Args| {
//!     let name = args.required_str("name")?;
//!     args.finish()?;
//!     Ok(Value::from(name))                                // or Err(fail("..."))
//! })
//! ```
//!
//! Objects with methods implement `minijinja::value::Object` and reach the node through
//! [`current`]. Lists and dicts are made with [`list`] and [`dict`], never from `Vec` or maps,
//! so that templates can change them.
//!
//! Promise: no file is read and nothing is written here; a mistake has its place in the user's file.

mod calls;
mod code;
mod compile;
mod context;
mod environment;
mod generate;
mod header;
mod lookup;
mod macros;
mod normalise;
mod root;

pub mod relation;
pub mod results;
pub mod table;

pub mod builtin;
pub mod call;
pub mod column;
pub mod engine;
pub mod error;
pub mod functions;
pub mod python;
pub mod registry;
pub mod scan;
pub mod scope;
pub mod values;
pub mod warehouse;

pub use call::Args;
pub use call::CallSite;
pub use call::current;
pub use call::function;
pub use call::function_with;
pub use engine::Engine;
pub use engine::Template;
pub use error::RenderError;
pub use error::fail;
pub use error::fail_with;
pub use functions::Globals;
pub use functions::Missing;
pub use functions::Secrets;
pub use functions::Shared;
pub use functions::basics;
pub use functions::constant;
pub use functions::env_var;
pub use functions::family_of;
pub use functions::from_tree;
pub use functions::globals;
pub use functions::with_answers;
pub use header::Parameter;
pub use minijinja::Error;
pub use minijinja::value::Value;
pub use registry::DispatchRule;
pub use registry::Macro;
pub use registry::MacroFile;
pub use registry::MacroKind;
pub use registry::PackageMaterializations;
pub use registry::Registry;
pub use registry::Search;
pub use relation::relation;
pub use relation::relation_of;
pub use results::Results;
pub use results::response_value;
pub use scope::Names;
pub use scope::Scope;
pub use scope::builtins;
pub use scope::render_function;
pub use values::Dict;
pub use values::List;
pub use values::dict;
pub use values::from_json;
pub use values::list;
pub use values::to_json;
pub use warehouse::add_capture_names;
pub use warehouse::add_warehouse_names;
