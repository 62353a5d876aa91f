//! Mistakes and warnings as plain data. `report` draws them.

use crate::base::source::Place;
use serde_json::Map;
use serde_json::Value;
use std::sync::Mutex;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; never turned into an error.
    Remark,
    Warning,
    Error,
}

/// One thing to tell a person: what, where, why, and what to do.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Stable name in words, such as `unknown-ref`.
    pub code: &'static str,
    pub severity: Severity,
    /// One sentence, lowercase start, no full stop, user's names in backticks.
    pub message: String,
    /// `None` where no file is to blame (a missing folder, a wrong flag).
    pub place: Option<Place>,
    /// Short text drawn under the marked source.
    pub note: Option<String>,
    pub hint: Option<String>,
    /// Further places, such as the other definition or the calling macro.
    pub related: Vec<(Place, String)>,
    /// dbt's first line of such an error, `Compilation Error in model orders (models/orders.sql)`.
    pub headline: Option<String>,
    /// Name of dbt's event of the same meaning, for JSON logs and `--warn-error-options`.
    pub event: Option<&'static str>,
    /// The fields of that event, by dbt's names.
    pub fields: Map<String, Value>,
}

impl Diagnostic {
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            place: None,
            note: None,
            hint: None,
            related: Vec::new(),
            headline: None,
            event: None,
            fields: Map::new(),
        }
    }

    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Warning,
            ..Diagnostic::error(code, message)
        }
    }

    pub fn remark(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Remark,
            ..Diagnostic::error(code, message)
        }
    }

    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub fn maybe_at(mut self, place: Option<Place>) -> Self {
        self.place = place.or(self.place);
        self
    }

    /// At this place, unless it has one already.
    pub fn or_at(mut self, place: Place) -> Self {
        self.place = self.place.or(Some(place));
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }

    pub fn related(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push((place, text.into()));
        self
    }

    pub fn headline(mut self, headline: impl Into<String>) -> Self {
        self.headline = Some(headline.into());
        self
    }

    pub fn event(mut self, name: &'static str) -> Self {
        self.event = Some(name);
        self
    }

    /// A field of the event.
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_string(), value.into());
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Collects diagnostics, so that a stage can go on after a mistake. Shared between threads.
#[derive(Debug, Default)]
pub struct Bag {
    found: Mutex<Vec<Diagnostic>>,
}

impl Bag {
    pub fn new() -> Self {
        Bag::default()
    }

    pub fn add(&self, diagnostic: Diagnostic) {
        self.lock().push(diagnostic);
    }

    pub fn extend(&self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.lock().extend(diagnostics);
    }

    pub fn has_errors(&self) -> bool {
        self.lock().iter().any(Diagnostic::is_error)
    }

    /// Whether an error of this code was collected.
    pub fn holds(&self, code: &str) -> bool {
        self.holds_error(|error| error.code == code)
    }

    /// Whether an error that is wanted was collected.
    pub fn holds_error(&self, wanted: impl Fn(&Diagnostic) -> bool) -> bool {
        let found = self.lock();
        found.iter().any(|one| one.is_error() && wanted(one))
    }

    /// Takes everything collected so far, ordered by file and place, so that threads leave no trace.
    pub fn take(&self) -> Vec<Diagnostic> {
        let mut found = std::mem::take(&mut *self.lock());
        found.sort_by(|a, b| key(a).cmp(&key(b)));
        found.dedup_by(|a, b| key(a) == key(b) && a.code == b.code);
        found
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Diagnostic>> {
        self.found
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn key(d: &Diagnostic) -> (&str, usize, &str) {
    match &d.place {
        Some(place) => (&place.file.shown, place.start, &d.message),
        None => ("", 0, &d.message),
    }
}

/// The candidate most like a mistyped name, if any is close enough to offer.
/// Closeness is the number of edits; at most a third of the name's length.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (edits(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Number of single-character edits (swaps of neighbours count as one) between two words.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_name() {
        let names = ["orders", "customers", "order_items"];
        assert_eq!(nearest("ordres", names), Some("orders"));
        assert_eq!(nearest("custmers", names), Some("customers"));
        assert_eq!(nearest("payments", names), None);
    }
}
