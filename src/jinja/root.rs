//! The outermost names of running code: arguments, what surrounds an inline macro, then the engine's.

use crate::base::SourceFile;
use crate::jinja::call::CallSite;
use crate::jinja::code::Code;
use crate::jinja::code::Role;
use crate::jinja::generate::MISSING;
use crate::jinja::registry::Macro;
use minijinja::value::Enumerator;
use minijinja::value::Object;
use minijinja::value::Value;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// The hidden name under which running code finds its own [`Root`].
pub(crate) const SITE: &str = "\u{1}";

/// One run of a piece of code.
pub(crate) struct Root {
    pub(crate) site: CallSite,
    pub(crate) code: Arc<Code>,
    pub(crate) file: Arc<SourceFile>,
    /// The registry's macro that this code belongs to; `None` in a template.
    pub(crate) owner: Option<Arc<Macro>>,
    pub(crate) arguments: Arguments,
    pub(crate) closure: Option<Closure>,
    /// How many bodies of any kind are running around this one.
    pub(crate) nesting: usize,
    /// Names of this body that macros declared in it look up when they are called.
    pub(crate) published: Mutex<Vec<(&'static str, Value)>>,
}

/// Values for the parameters of some code.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    /// By position of the parameter; `None` where the call leaves it out.
    pub(crate) values: Vec<Option<Value>>,
    pub(crate) varargs: Option<Value>,
    pub(crate) kwargs: Option<Value>,
    pub(crate) caller: Option<Value>,
}

/// Where an inline macro or a call block stands.
#[derive(Debug, Clone)]
pub(crate) struct Closure {
    pub(crate) around: Arc<Root>,
    pub(crate) captured: Vec<(&'static str, Value)>,
}

impl Root {
    pub(crate) fn publish(&self, name: &'static str, value: Value) {
        let mut published = self.lock();
        published.retain(|(known, _)| *known != name);
        published.push((name, value));
    }

    /// Forgets published names, which may hold this root through a macro.
    pub(crate) fn close(&self) {
        std::mem::take(&mut *self.lock());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(&'static str, Value)>> {
        self.published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn local(&self, name: &str) -> Option<Value> {
        let position = self.code.parameters.iter().position(|known| *known == name);
        if let Some(at) = position {
            let value = self.arguments.values.get(at).cloned().flatten();
            return Some(value.unwrap_or(Value::UNDEFINED));
        }
        match name {
            "varargs" => self.arguments.varargs.clone(),
            "kwargs" => self.arguments.kwargs.clone(),
            "caller" => self.arguments.caller.clone(),
            _ => None,
        }
    }

    fn enclosed(&self, name: &str) -> Option<Value> {
        let closure = self.closure.as_ref()?;
        let found = |names: &[(&'static str, Value)]| {
            let found = names.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        };
        let published = match self.code.role {
            Role::Inline => found(&closure.around.lock()),
            _ => None,
        };
        let here = published.or_else(|| found(&closure.captured));
        here.filter(|value| !value.is_undefined())
            .or_else(|| closure.around.local(name))
            .or_else(|| closure.around.enclosed(name))
    }

    fn is_missing(&self, name: &str) -> bool {
        let position = self.code.parameters.iter().position(|known| *known == name);
        position.is_some_and(|at| matches!(self.arguments.values.get(at), None | Some(None)))
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        if name == SITE {
            return Some(Value::from_dyn_object(self.clone()));
        }
        if let Some(parameter) = name.strip_prefix(MISSING) {
            return Some(Value::from(self.is_missing(parameter)));
        }
        self.local(name)
            .or_else(|| self.enclosed(name))
            .or_else(|| self.site.engine.global(name, &self.site))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<names of {:?}>", self.code)
    }
}
