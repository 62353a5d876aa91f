//! What a warehouse complains about, sorted by what a person can do about it.

use crate::base::Diagnostic;
use crate::base::event::Family;
use std::fmt;

/// A complaint of the warehouse, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterError {
    pub kind: ErrorKind,
    /// How dbt heads such complaints of this warehouse.
    pub family: Family,
    /// Whole, as the warehouse said it; may have several lines.
    pub message: String,
    /// Line of the statement, counted from 1; `None` where the warehouse names none.
    pub line: Option<usize>,
    /// Column of that line in characters, counted from 1.
    pub column: Option<usize>,
}

pub type Result<T> = std::result::Result<T, AdapterError>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The text is no SQL.
    Syntax,
    /// A column, function or type does not fit.
    Binder,
    /// A relation, schema or database is missing or there already.
    Catalog,
    /// Rows break a constraint.
    Constraint,
    /// A value cannot be converted or is out of range.
    Data,
    /// Two transactions touched the same rows or relations.
    Conflict,
    /// Somebody asked for the statement to stop.
    Interrupted,
    /// Another process holds the database.
    Locked,
    /// The role may not do this.
    Privilege,
    /// The line to the warehouse broke; what was not committed is undone.
    Disconnected,
    /// The database may only be read.
    ReadOnly,
    /// Disk, network, memory.
    Io,
    /// The profile asks for something that cannot be had.
    Config,
    /// The warehouse is broken, or we hold it wrong.
    Internal,
    Other,
}

/// Codes of diagnostics that carry a warehouse's own words, one for each family.
const REFUSED: [(&str, Family); 2] = [
    ("warehouse", Family::Runtime),
    ("database", Family::Database),
];

/// The family of a warehouse's refusal; `None` for codes of other mistakes.
pub fn family_of_refusal(code: &str) -> Option<Family> {
    let mut codes = REFUSED.iter();
    let found = codes.find(|(known, _)| *known == code);
    found.map(|(_, family)| *family)
}

impl AdapterError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        AdapterError {
            kind,
            family: Family::Runtime,
            message: message.into(),
            line: None,
            column: None,
        }
    }

    pub fn of_family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// What a person is told; whoever knows the node adds the headline.
    pub fn diagnostic(&self) -> Diagnostic {
        let mut codes = REFUSED.iter();
        let code = codes.find(|(_, family)| *family == self.family);
        let code = code.map_or(REFUSED[0].0, |(code, _)| *code);
        Diagnostic::error(code, self.message.as_str())
    }
}

impl fmt::Display for AdapterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for AdapterError {}
