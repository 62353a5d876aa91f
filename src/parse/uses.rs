//! What the parse of a file used besides the file and the settings of the project: macros, and facts
//! that differ from call to call. Whoever keeps the result of a parse learns here how long it holds.

use crate::base::SourceFile;
use crate::jinja::Engine;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// What the texts of one file used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uses {
    /// Ids of the macros that ran, however deep; those that come with sqlmill are left out.
    pub macros: BTreeSet<String>,
    /// Whether `flags` was asked.
    pub flags: bool,
    /// Whether something was asked that no two calls answer alike, or something was said aloud.
    pub call: bool,
}

/// By the shown path of a file; files that used nothing are left out.
pub type UsesByFile = BTreeMap<String, Uses>;

/// Names whose value is the call's own, or that make themselves heard.
const OF_THE_CALL: [&str; 9] = [
    "dbt_metadata_envs",
    "exceptions",
    "invocation_args_dict",
    "invocation_id",
    "log",
    "modules",
    "print",
    "run_started_at",
    "thread_id",
];

/// Gathers the uses of all files while they are parsed on many threads.
#[derive(Debug, Default)]
pub(super) struct Sink {
    by_file: Mutex<UsesByFile>,
}

impl Sink {
    pub(super) fn take(&self) -> UsesByFile {
        std::mem::take(&mut *self.by_file.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, file: &SourceFile, note: impl FnOnce(&mut Uses)) {
        let mut by_file = self.by_file.lock().unwrap_or_else(PoisonError::into_inner);
        match by_file.get_mut(&file.shown) {
            Some(uses) => note(uses),
            None => note(by_file.entry(file.shown.clone()).or_default()),
        }
    }
}

/// Listens to the texts of one file.
pub(super) struct Watch {
    pub sink: Arc<Sink>,
    pub file: Arc<SourceFile>,
    pub engine: Arc<Engine>,
}

impl Watch {
    /// A template asked for a name that is no macro.
    pub(super) fn asked(&self, name: &str) {
        if name == "flags" {
            self.sink.note(&self.file, |uses| uses.flags = true);
        } else if OF_THE_CALL.contains(&name) {
            self.sink.note(&self.file, |uses| uses.call = true);
        }
    }

    /// A macro runs.
    pub(super) fn entered(&self, macro_id: &str) {
        let package = macro_id.split('.').nth(1).unwrap_or_default();
        if self.engine.registry().is_internal(package) {
            return;
        }
        self.sink.note(&self.file, |uses| {
            if !uses.macros.contains(macro_id) {
                uses.macros.insert(macro_id.to_string());
            }
        });
    }
}
