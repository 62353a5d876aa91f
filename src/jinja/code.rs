//! Compiled template code: what the generator makes and the engine runs.

use minijinja::machinery::Instructions;
use minijinja::value::Object;
use minijinja::value::ObjectRepr;
use rustc_hash::FxHashSet;
use std::fmt;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

/// What a piece of code is the body of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A model or any other text.
    Template,
    /// A macro of the registry.
    Macro,
    /// A macro declared inside of a template.
    Inline,
    /// The body of a `{% call %}`.
    Caller,
}

/// What asking something of a value that is not there comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// A mistake.
    Fails,
    /// Nothing again. Before the run much is not there yet that will be.
    Absorbs,
}

/// The instructions of one body. Spans in them are byte offsets into the whole file.
pub(crate) struct Code {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) absence: Absence,
    pub(crate) instructions: Instructions<'static>,
    pub(crate) parameters: Vec<&'static str>,
    pub(crate) extras: Extras,
    /// Names that live on after their frame, for macros declared beside them.
    pub(crate) publishes: bool,
    /// Length of the plain text in it, in bytes: about what the output will need.
    pub(crate) size: usize,
}

/// Which of the special parameters a body mentions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extras {
    pub(crate) varargs: bool,
    pub(crate) kwargs: bool,
    pub(crate) caller: bool,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{:?} {}>", self.role, self.name)
    }
}

/// Code as a constant in other code: the body of an inline macro or a call block,
/// and the names whose values it takes along.
#[derive(Debug)]
pub(crate) struct Blueprint {
    pub(crate) code: Arc<Code>,
    pub(crate) captures: Vec<&'static str>,
}

impl Object for Blueprint {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

/// Every identifier that templates mention, stored once.
/// They are never freed: there are some thousands in the largest project.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    known: RwLock<FxHashSet<&'static str>>,
}

impl Interner {
    pub(crate) fn get(&self, name: &str) -> &'static str {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(name) {
            return found;
        }
        drop(known);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(name) {
            return found;
        }
        let name: &'static str = Box::leak(name.into());
        known.insert(name);
        name
    }
}
