//! The template engine: one for a whole project, used from many threads.
//! Promise: a template is compiled, rendered and dropped; macros are compiled once and kept.

use crate::base::Bag;
use crate::base::Place;
use crate::base::SourceFile;
use crate::jinja::call::CallSite;
use crate::jinja::call::join;
use crate::jinja::code::Absence;
use crate::jinja::code::Code;
use crate::jinja::code::Interner;
use crate::jinja::code::Role;
use crate::jinja::compile;
use crate::jinja::compile::Source;
use crate::jinja::context::Context;
use crate::jinja::context::Namespace;
use crate::jinja::environment;
use crate::jinja::error::Frame;
use crate::jinja::error::RenderError;
use crate::jinja::macros;
use crate::jinja::macros::MacroValue;
use crate::jinja::python::Rendering;
use crate::jinja::python::filters;
use crate::jinja::registry::Macro;
use crate::jinja::registry::Registry;
use crate::jinja::root::Arguments;
use crate::jinja::root::Closure;
use crate::jinja::root::Root;
use crate::jinja::scan;
use crate::jinja::scope::Scope;
use minijinja::AutoEscape;
use minijinja::Environment;
use minijinja::machinery;
use minijinja::value::Value;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::Mutex;

/// How many macros and blocks may run inside of one another.
pub const RECURSION_LIMIT: usize = 200;

/// The stack, in bytes, that a thread needs to render templates that use the whole limit.
pub const STACK_SIZE: usize = 16 * 1024 * 1024;

pub struct Engine {
    /// For text, and for values of YAML files.
    text: Environment<'static>,
    native: Environment<'static>,
    /// For text in which much is not there yet.
    tolerant: Environment<'static>,
    registry: Registry,
    names: Interner,
}

/// A text to render: a file, a part of one, or a value out of a configuration.
#[derive(Debug, Clone)]
pub struct Template {
    pub file: Arc<SourceFile>,
    pub range: Range<usize>,
}

impl Template {
    pub fn file(file: &Arc<SourceFile>) -> Self {
        Template::part(file, 0..file.text().len())
    }

    /// A stretch of a file, in byte offsets.
    pub fn part(file: &Arc<SourceFile>, range: Range<usize>) -> Self {
        Template {
            file: file.clone(),
            range,
        }
    }

    /// A text that was made out of what stands at a place; errors are told there.
    pub fn made(origin: &Place, text: &str) -> Self {
        Template::file(&SourceFile::made(origin, text))
    }

    /// A text that stands in no file of its own; errors show it under `name`.
    pub fn text(name: &str, text: &str) -> Self {
        Template::file(&SourceFile::new(name, name, text))
    }

    fn as_str(&self) -> &str {
        &self.file.text()[self.range.clone()]
    }

    fn source(&self) -> Source<'_> {
        Source {
            file: &self.file,
            range: self.range.clone(),
        }
    }
}

impl Engine {
    pub fn new(registry: Registry) -> Arc<Self> {
        Arc::new(Engine {
            text: environment::build(Rendering::Text, Absence::Fails),
            native: environment::build(Rendering::Native, Absence::Fails),
            tolerant: environment::build(Rendering::Text, Absence::Absorbs),
            registry,
            names: Interner::default(),
        })
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Compiles the macros of the project and its packages, on all threads, so that their mistakes
    /// are known before anything runs. Those that come with sqlmill are compiled when called.
    pub fn check(&self, bag: &Bag) {
        let macros: Vec<&Arc<Macro>> = self.registry.macros().collect();
        macros
            .into_par_iter()
            .filter(|found| !self.registry.is_internal(&found.package))
            .filter_map(|found| found.code(&self.names).err())
            .for_each(|error| bag.add(error.diagnostic()));
    }

    /// The text of a template.
    pub fn render(
        self: &Arc<Self>,
        template: &Template,
        scope: &Arc<dyn Scope>,
    ) -> Result<String, RenderError> {
        self.render_within(template, self.site(scope))
    }

    /// Renders a template for another that is running: what `context` got there is seen, and macros
    /// called count as called from where it runs.
    pub(crate) fn render_within(
        self: &Arc<Self>,
        template: &Template,
        site: CallSite,
    ) -> Result<String, RenderError> {
        let text = template.as_str();
        if !scan::is_template(text) {
            return Ok(text.to_string());
        }
        let code = compile::template(&template.source(), &self.names)?;
        self.text_of(code, template, site)
    }

    /// The text of a template that may `return` it, as the body of a macro may.
    pub fn render_returning(
        self: &Arc<Self>,
        template: &Template,
        scope: &Arc<dyn Scope>,
    ) -> Result<String, RenderError> {
        let code = compile::returning(&template.source(), &self.names)?;
        self.text_of(code, template, self.site(scope))
    }

    fn text_of(
        self: &Arc<Self>,
        code: Code,
        template: &Template,
        site: CallSite,
    ) -> Result<String, RenderError> {
        let value = self.run(self.root(Arc::new(code), &template.file, site))?;
        Ok(match value.as_str() {
            Some(text) => text.to_string(),
            None => value.to_string(),
        })
    }

    /// Renders for what the template asks for on its way: whatever is not there may be asked and
    /// called, and comes to nothing. Macros are as strict as ever.
    pub fn walk(
        self: &Arc<Self>,
        template: &Template,
        scope: &Arc<dyn Scope>,
    ) -> Result<(), RenderError> {
        let code = Arc::new(compile::tolerant(&template.source(), &self.names)?);
        self.run(self.root(code, &template.file, self.site(scope)))
            .map(drop)
    }

    /// The value of a text out of a YAML file: text, unless it is one expression. Then it is that
    /// expression's value, in the type asked for with `as_number`, `as_bool` or `as_native`.
    pub fn render_native(
        self: &Arc<Self>,
        template: &Template,
        scope: &Arc<dyn Scope>,
    ) -> Result<Value, RenderError> {
        let text = template.as_str();
        if !scan::is_template(text) {
            return Ok(Value::from(text));
        }
        let code = Arc::new(compile::native(&template.source(), &self.names)?);
        let root = self.root(code, &template.file, self.site(scope));
        let value = self.run_in(&self.native, root)?;
        if value.is_undefined() {
            return Ok(value);
        }
        filters::finish(&value).map_err(|error| {
            let mut error = RenderError::from_error(&error, text);
            let range = template.range.clone();
            error.frames.push(Frame {
                place: Some(Place::new(&template.file, range.start, range.end)),
                callee: None,
            });
            error
        })
    }

    /// The value of an expression, without braces around it.
    pub fn expression(
        self: &Arc<Self>,
        text: &str,
        scope: &Arc<dyn Scope>,
    ) -> Result<Value, RenderError> {
        let code = Arc::new(compile::expression(text, &self.names)?);
        let file = SourceFile::new("<expression>", "<expression>", format!("{{{{ {text} }}}}"));
        self.run(self.root(code, &file, self.site(scope)))
    }

    /// Calls a macro; its value is what it returns, or else the text it writes.
    pub fn call(
        self: &Arc<Self>,
        called: &Arc<Macro>,
        positional: Vec<Value>,
        named: Vec<(String, Value)>,
        scope: &Arc<dyn Scope>,
    ) -> Result<Value, RenderError> {
        let site = self.site(scope);
        self.invoke(called, &join(positional, named), &site, 0)
    }

    /// Calls a macro by name: of a package, or as a node of the scope's package finds it.
    pub fn call_by_name(
        self: &Arc<Self>,
        package: Option<&str>,
        name: &str,
        positional: Vec<Value>,
        named: Vec<(String, Value)>,
        scope: &Arc<dyn Scope>,
    ) -> Result<Value, RenderError> {
        let found = self.find(package, name, scope);
        let found = found.ok_or_else(|| {
            RenderError::new("unknown-macro", format!("macro '{name}' not found"))
        })?;
        self.call(&found.clone(), positional, named, scope)
    }

    /// Calls a macro that the project and its packages may override.
    pub fn call_overriding(
        self: &Arc<Self>,
        name: &str,
        positional: Vec<Value>,
        scope: &Arc<dyn Scope>,
    ) -> Result<Value, RenderError> {
        let found = self.registry.overriding(name).ok_or_else(|| {
            RenderError::new("unknown-macro", format!("macro '{name}' not found"))
        })?;
        self.call(&found.clone(), positional, Vec::new(), scope)
    }

    pub fn find(
        &self,
        package: Option<&str>,
        name: &str,
        scope: &Arc<dyn Scope>,
    ) -> Option<&Arc<Macro>> {
        match package {
            Some(package) => self.registry.qualified(package, name),
            None => self.registry.find(scope.package(), name),
        }
    }

    /// A macro as a value that templates can call.
    pub fn macro_value(&self, found: &Arc<Macro>) -> Value {
        Value::from_object(MacroValue(found.clone()))
    }

    /// What a name means that no argument or variable has.
    pub(crate) fn global(&self, name: &str, site: &CallSite) -> Option<Value> {
        let package = site.scope.package();
        if let Some(value) = site.added.get(name).or_else(|| site.scope.replaced(name)) {
            return Some(value);
        }
        if let Some(found) = self.registry.find(package, name) {
            return Some(self.macro_value(found));
        }
        if let Some(value) = site.scope.get(name) {
            return Some(value);
        }
        if self.registry.has_package(name) {
            return Some(Value::from_object(Namespace {
                package: name.to_string(),
                site: site.clone(),
            }));
        }
        (name == "context").then(|| Value::from_object(Context { site: site.clone() }))
    }

    /// All names that [`Engine::global`] knows, sorted.
    pub(crate) fn global_names(&self, site: &CallSite) -> Vec<String> {
        let package = site.scope.package();
        let macros = self.registry.macros().filter(|found| {
            let found = self.registry.find(package, &found.name);
            found.is_some()
        });
        let mut names: Vec<String> = macros.map(|found| found.name.clone()).collect();
        names.extend(site.scope.names());
        names.extend(site.added.keys().iter().map(Value::to_string));
        names.extend(self.registry.packages().map(str::to_string));
        names.sort();
        names.dedup();
        names
    }

    /// Runs a macro of the registry, called from `site`.
    pub(crate) fn invoke(
        self: &Arc<Self>,
        called: &Arc<Macro>,
        args: &[Value],
        site: &CallSite,
        nesting: usize,
    ) -> Result<Value, RenderError> {
        let depth = site.depth + 1;
        site.scope.entered(&called.unique_id, depth);
        let code = called.code(&self.names)?.clone();
        let arguments = macros::bind(&code, &called.name, args)
            .map_err(|error| RenderError::from_error(&error, ""))?;
        self.run(Root {
            site: CallSite {
                depth,
                ..site.clone()
            },
            file: called.file.clone(),
            owner: Some(called.clone()),
            code,
            arguments,
            closure: None,
            nesting: nesting + 1,
            published: Mutex::default(),
        })
    }

    /// Runs a macro declared in a template, or the block of a call.
    pub(crate) fn enclosed(
        self: &Arc<Self>,
        code: &Arc<Code>,
        closure: Closure,
        arguments: Arguments,
        site: &CallSite,
        nesting: usize,
    ) -> Result<Value, RenderError> {
        self.run(Root {
            site: site.clone(),
            file: closure.around.file.clone(),
            owner: closure.around.owner.clone(),
            code: code.clone(),
            arguments,
            closure: Some(closure),
            nesting: nesting + 1,
            published: Mutex::default(),
        })
    }

    pub(crate) fn intern(&self, name: &str) -> &'static str {
        self.names.get(name)
    }

    fn site(self: &Arc<Self>, scope: &Arc<dyn Scope>) -> CallSite {
        CallSite {
            engine: self.clone(),
            scope: scope.clone(),
            depth: 0,
            added: Arc::default(),
        }
    }

    fn root(self: &Arc<Self>, code: Arc<Code>, file: &Arc<SourceFile>, site: CallSite) -> Root {
        Root {
            site,
            code,
            file: file.clone(),
            owner: None,
            arguments: Arguments::default(),
            closure: None,
            nesting: 0,
            published: Mutex::default(),
        }
    }

    fn run(&self, root: Root) -> Result<Value, RenderError> {
        match root.code.absence {
            Absence::Fails => self.run_in(&self.text, root),
            Absence::Absorbs => self.run_in(&self.tolerant, root),
        }
    }

    fn run_in(&self, environment: &Environment<'static>, root: Root) -> Result<Value, RenderError> {
        let root = Arc::new(root);
        let frame = |place: Option<Place>| Frame {
            place,
            callee: root.owner.clone(),
        };
        if root.nesting > RECURSION_LIMIT {
            let mut error = RenderError::new("jinja-recursion", "maximum recursion depth exceeded");
            error.frames.push(frame(None));
            return Err(error);
        }
        let mut text = String::with_capacity(2 * root.code.size);
        let result = {
            let blocks = BTreeMap::new();
            let names = Value::from_dyn_object(root.clone());
            let mut out = machinery::make_string_output(&mut text);
            let code = &root.code.instructions;
            let escape = AutoEscape::None;
            machinery::eval(environment, code, names, &blocks, &mut out, escape)
                .map(|(value, _)| value)
        };
        if root.code.publishes {
            root.close();
        }
        match result {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Ok(Value::from(text)),
            Err(error) => {
                let mut found = RenderError::from_error(&error, root.file.text());
                if root.code.role == Role::Macro
                    && let Some(value) = found.returned.take()
                {
                    return Ok(*value);
                }
                if root.code.role == Role::Template {
                    found.outside_of_macros();
                }
                found.suggest(|| self.global_names(&root.site));
                let place = error
                    .range()
                    .map(|r| Place::new(&root.file, r.start, r.end));
                found.frames.push(frame(place));
                Err(found)
            }
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "engine of `{}`", self.registry.search.root)
    }
}
