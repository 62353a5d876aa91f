//! What took how long, written to a file of one's choice at the end of a call (`--record-timing-info`).

use crate::base::NodeInfo;
use crate::base::event::NodeEnd;
use crate::base::fs;
use crate::base::fs::FileError;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Collects durations by name.
#[derive(Debug)]
pub(super) struct Timing {
    path: PathBuf,
    spent: BTreeMap<String, Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    times: usize,
    took: Duration,
}

impl Timing {
    pub(super) fn new(path: PathBuf) -> Self {
        Timing {
            path,
            spent: BTreeMap::new(),
        }
    }

    /// A node with its phases.
    pub(super) fn node(&mut self, end: &NodeEnd) {
        let id = &end.node.unique_id;
        self.add(id.clone(), end.took);
        for (phase, from, to) in &end.phases {
            let took = Duration::try_from(to.duration_since(*from)).unwrap_or_default();
            self.add(format!("{id} {phase}"), took);
        }
    }

    /// A statement, by the node it was sent for.
    pub(super) fn statement(&mut self, node: Option<&NodeInfo>, connection: &str, took: Duration) {
        let whose = node.map_or(connection, |node| &node.unique_id);
        self.add(format!("{whose} statements"), took);
    }

    /// Writes all of it, the longest first.
    pub(super) fn write(&mut self, command: &str, elapsed: Duration) -> Result<(), FileError> {
        self.add(command.to_string(), elapsed);
        let mut rows: Vec<(&String, &Spent)> = self.spent.iter().collect();
        rows.sort_by(|a, b| b.1.took.cmp(&a.1.took).then(a.0.cmp(b.0)));
        let mut text = String::from("   seconds  times  what\n");
        for (what, spent) in rows {
            let seconds = spent.took.as_secs_f64();
            text.push_str(&format!("{seconds:>10.4} {:>6}  {what}\n", spent.times));
        }
        fs::write(&self.path, text.as_bytes(), "timings")
    }

    fn add(&mut self, what: String, took: Duration) {
        let spent = self.spent.entry(what).or_default();
        spent.times += 1;
        spent.took += took;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("timings.txt");
        let mut timing = Timing::new(path.clone());
        for took in [200, 300] {
            timing.statement(None, "master", Duration::from_millis(took));
        }
        timing.write("dbt run", Duration::from_secs(2)).unwrap();
        let text = fs::read_text(&path, "timings").unwrap();
        insta::assert_snapshot!(text, @r"
           seconds  times  what
            2.0000      1  dbt run
            0.5000      2  master statements
        ");
    }
}
