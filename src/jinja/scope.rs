//! What a template sees besides macros: the names of the node that is rendered.

use crate::base::NodeInfo;
use crate::jinja::call::fail_with;
use crate::jinja::call::function;
use crate::jinja::engine::Template;
use crate::jinja::values;
use minijinja::value::Value;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The names of one node, and a listener for the macros it uses. Implemented by higher rooms.
pub trait Scope: Send + Sync {
    /// The value of a name such as `ref`, `this` or `execute`; `None` where this node has none.
    /// A macro of the same name is found first.
    fn get(&self, name: &str) -> Option<Value>;

    /// The package of the node: its macros are looked up first.
    fn package(&self) -> &str;

    /// Hears of every macro that is called; `depth` is 1 straight from the template.
    fn entered(&self, macro_id: &str, depth: usize) {
        let _ = (macro_id, depth);
    }

    /// What stands in for a macro, called by its bare name or as `package.name`; `None` for the macro.
    fn replaced(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// What logs say about the node; `None` for texts of no node.
    fn node(&self) -> Option<Arc<NodeInfo>> {
        None
    }

    /// The names that [`Scope::get`] knows, for `context` and for offers after a typo.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// `builtins`: what a user's macro of the same name calls to get at the original.
pub fn builtins(names: &FxHashMap<&'static str, Value>) -> Value {
    let kept = ["ref", "source", "config"].into_iter();
    values::dict(kept.filter_map(|name| Some((name, names.get(name)?.clone()))))
}

/// `render(text)`: the text as a template of this very node.
pub fn render_function() -> Value {
    function("render", |call, mut args| {
        let text = args.required_str("string")?;
        args.finish()?;
        let template = Template::text("render()", &text);
        let rendered = call.engine.render_within(&template, call.clone());
        rendered
            .map(Value::from)
            .map_err(|error| fail_with(error.diagnostic()))
    })
}

/// A scope of fixed names, for texts outside of any node: profiles, project files, tests.
#[derive(Debug, Default, Clone)]
pub struct Names {
    pub package: String,
    pub values: BTreeMap<String, Value>,
}

impl Names {
    pub fn new(package: impl Into<String>) -> Self {
        Names {
            package: package.into(),
            values: BTreeMap::new(),
        }
    }

    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }
}

impl Scope for Names {
    fn get(&self, name: &str) -> Option<Value> {
        self.values.get(name).cloned()
    }

    fn package(&self) -> &str {
        &self.package
    }

    fn names(&self) -> Vec<String> {
        self.values.keys().cloned().collect()
    }
}
