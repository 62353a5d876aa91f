//! One batch of a microbatch model: the window of time that it reads and replaces.

use crate::base::Window;
use crate::config::BatchSize;
use crate::graph::Index;
use crate::jinja;
use crate::jinja::python::modules::datetime;
use crate::jinja::values;
use minijinja::value::Value;
use std::sync::Arc;

/// What is rendered: a node, or one batch of it.
#[derive(Debug, Clone)]
pub struct Subject {
    pub index: Index,
    pub batch: Option<Arc<Batch>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub window: Window,
    pub size: BatchSize,
    pub onto: Onto,
    /// The first of its call, which the hooks before the model go with.
    pub is_first: bool,
    /// The last of its call, which the hooks after the model go with.
    pub is_last: bool,
}

/// What a batch meets in the warehouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onto {
    /// Nothing, or something that it replaces: the table is made.
    Nothing,
    /// The table of earlier batches, this run's or those before it.
    Table,
}

impl From<Index> for Subject {
    fn from(index: Index) -> Self {
        Subject { index, batch: None }
    }
}

impl Batch {
    /// `2020-01-01`: for people and file names.
    pub fn label(&self) -> String {
        self.size.label(self.window.start)
    }

    /// `model.batch` in templates.
    pub(super) fn value(&self) -> Value {
        values::dict([
            ("id", Value::from(self.size.id(self.window.start))),
            ("event_time_start", datetime::of_instant(self.window.start)),
            ("event_time_end", datetime::of_instant(self.window.end)),
        ])
    }

    /// Names that go before macros: once there is a table, a batch is incremental whatever the
    /// call was asked for.
    pub(super) fn forced_names(&self) -> Vec<(&'static str, Value)> {
        match self.onto {
            Onto::Nothing => Vec::new(),
            Onto::Table => vec![
                ("is_incremental", answer("is_incremental", true)),
                ("should_full_refresh", answer("should_full_refresh", false)),
            ],
        }
    }
}

fn answer(name: &'static str, answer: bool) -> Value {
    jinja::function(name, move |_, args| {
        args.finish()?;
        Ok(Value::from(answer))
    })
}
