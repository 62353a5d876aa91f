//! The merged values of one call, read as what they stand for.
//! Not here: where they come from and how long they live (`flags`).

use crate::base::Window;
use crate::base::event::Level;
use crate::base::window;
use crate::config::flags::Command;
use crate::config::flags::IndirectSelection;
use crate::config::flags::Layer;
use crate::config::flags::LogFormat;
use crate::config::flags::OutputForm;
use crate::config::flags::WarnErrorOptions;
use crate::config::flags::table;
use crate::config::flags::table::Flag;
use serde_json::Map;
use serde_json::Value;
use std::path::PathBuf;

/// The merged values of a call, and which of them somebody gave.
pub(super) struct Values {
    pub(super) all: Map<String, Value>,
    given: Vec<&'static str>,
}

impl Values {
    pub(super) fn merged(command: Command, layers: &[Layer]) -> Self {
        let default = |flag: &Flag| (flag.name.to_string(), flag.kind.default());
        let mut all: Map<String, Value> = table::flags_of(command).map(default).collect();
        let mut given = Vec::new();
        for (name, value) in layers.iter().flatten() {
            all.insert(name.to_string(), value.clone());
            given.push(*name);
        }
        Values { all, given }
    }

    pub(super) fn given(&self, name: &str) -> bool {
        self.given.contains(&name)
    }

    /// The flag that rules the log file: its own one, or the general one where only that was given.
    pub(super) fn of_file(&self, general: &'static str, own: &'static str) -> &'static str {
        match self.given(general) && !self.given(own) {
            true => general,
            false => own,
        }
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        self.all.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// For a flag that is on where a command does not know it.
    pub(super) fn is_not_off(&self, name: &str) -> bool {
        self.all.get(name).and_then(Value::as_bool) != Some(false)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.all.get(name)?.as_str().map(str::to_string)
    }

    /// From one flag to another; `None` unless both have a value.
    pub(super) fn window(&self, start: &str, end: &str) -> Option<Window> {
        Some(Window {
            start: window::moment(&self.text(start)?)?,
            end: window::moment(&self.text(end)?)?,
        })
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.all.get(name)?.as_i64()
    }

    pub(super) fn count(&self, name: &str) -> Option<usize> {
        usize::try_from(self.integer(name)?).ok()
    }

    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let list = self.all.get(name).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_string).collect()
    }

    pub(super) fn mapping(&self, name: &str) -> Map<String, Value> {
        let map = self.all.get(name).and_then(Value::as_object);
        map.cloned().unwrap_or_default()
    }
}

/// What words stand for.
impl Values {
    pub(super) fn log_format(&self, name: &str) -> LogFormat {
        match self.text(name).as_deref() {
            Some("json") => LogFormat::Json,
            Some("debug") => LogFormat::Debug,
            _ => LogFormat::Text,
        }
    }

    pub(super) fn log_level(&self, name: &str) -> Option<Level> {
        match self.text(name).as_deref() {
            Some("debug") => Some(Level::Debug),
            Some("warn") => Some(Level::Warn),
            Some("error") => Some(Level::Error),
            Some("none") => None,
            _ => Some(Level::Info),
        }
    }

    pub(super) fn output_form(&self) -> Option<OutputForm> {
        match self.text("output")?.as_str() {
            "json" => Some(OutputForm::Json),
            "name" => Some(OutputForm::Name),
            "path" => Some(OutputForm::Path),
            "selector" => Some(OutputForm::Selector),
            _ => Some(OutputForm::Text),
        }
    }

    pub(super) fn indirect_selection(&self) -> IndirectSelection {
        match self.text("indirect_selection").as_deref() {
            Some("cautious") => IndirectSelection::Cautious,
            Some("buildable") => IndirectSelection::Buildable,
            Some("empty") => IndirectSelection::Empty,
            _ => IndirectSelection::Eager,
        }
    }

    pub(super) fn warn_error_options(&self) -> WarnErrorOptions {
        match self.is_on("warn_error") {
            true => WarnErrorOptions::all(),
            false => WarnErrorOptions::from_mapping(&self.mapping("warn_error_options")),
        }
    }
}
