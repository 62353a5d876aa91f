//! The live part of a terminal: what runs right now, for how long, and how much is done.
//! Vanishes at the end; a pipe never sees it.

use crate::base::event::NodeInfo;
use indicatif::MultiProgress;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use std::collections::HashMap;
use std::time::Duration;

/// Redraws per second are limited by indicatif; this is how often the clocks move on.
const TICK: Duration = Duration::from_millis(100);
/// More running nodes than this would push the log off the screen.
const SHOWN: usize = 12;

#[derive(Debug)]
pub(super) struct Progress {
    area: MultiProgress,
    total: ProgressBar,
    running: HashMap<String, ProgressBar>,
}

impl Progress {
    pub(super) fn on_stderr() -> Self {
        let area = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Progress {
            area,
            total: ProgressBar::hidden(),
            running: HashMap::new(),
        }
    }

    pub(super) fn started(&mut self, node: &NodeInfo, description: &str) {
        if self.total.is_finished() || self.total.length().is_none() {
            self.total = self.area.add(ProgressBar::new(node.total as u64));
            self.total
                .set_style(style("{pos} of {len} done, {elapsed}"));
            self.total.enable_steady_tick(TICK);
        }
        if self.running.len() < SHOWN {
            let bar = ProgressBar::new_spinner().with_message(description.to_string());
            let bar = self.area.insert_before(&self.total, bar);
            bar.set_style(style("{spinner} {msg} {elapsed}"));
            bar.enable_steady_tick(TICK);
            self.running.insert(node.unique_id.clone(), bar);
        }
    }

    pub(super) fn finished(&mut self, node: &NodeInfo) {
        if let Some(bar) = self.running.remove(&node.unique_id) {
            bar.finish_and_clear();
            self.area.remove(&bar);
        }
        self.total.inc(1);
    }

    /// Writes something above the live part.
    pub(super) fn above(&self, write: impl FnOnce()) {
        self.area.suspend(write);
    }

    pub(super) fn clear(&mut self) {
        for (_, bar) in self.running.drain() {
            bar.finish_and_clear();
        }
        self.total.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the template is written here and is right")
}
