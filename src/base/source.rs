//! Project files as read, and places in them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// One text file of a project or package, read once and shared.
#[derive(Debug)]
pub struct SourceFile {
    /// Path as shown to people: relative to the root project, with `/`.
    pub shown: String,
    /// Path on disk.
    pub path: PathBuf,
    pub text: String,
}

impl SourceFile {
    pub fn new(
        shown: impl Into<String>,
        path: impl Into<PathBuf>,
        text: impl Into<String>,
    ) -> Arc<Self> {
        Arc::new(SourceFile {
            shown: shown.into(),
            path: path.into(),
            text: text.into(),
        })
    }

    /// Line and column, both counted from 1, the column in characters.
    /// An offset past the end gives the last place of the text.
    pub fn line_col(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }

    /// Byte offset of a line and column, both counted from 1.
    /// A column past the end of its line gives the end of that line.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let mut start = 0;
        for _ in 1..line {
            match self.text[start..].find('\n') {
                Some(at) => start += at + 1,
                None => return self.text.len(),
            }
        }
        let rest = &self.text[start..];
        let line_text = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let within = line_text
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(line_text.len(), |(at, _)| at);
        start + within
    }
}

/// A stretch of a file: byte offsets counted from 0, the end not included.
#[derive(Clone)]
pub struct Place {
    pub file: Arc<SourceFile>,
    pub start: usize,
    pub end: usize,
}

impl Place {
    pub fn new(file: &Arc<SourceFile>, start: usize, end: usize) -> Self {
        let len = file.text.len();
        let start = start.min(len);
        Place {
            file: file.clone(),
            start,
            end: end.clamp(start, len),
        }
    }

    /// The whole text of a line, counted from 1, without its indentation.
    pub fn line(file: &Arc<SourceFile>, line: usize) -> Self {
        let start = file.offset(line, 1);
        let text = file.text[start..].lines().next().unwrap_or("");
        let indent = text.len() - text.trim_start().len();
        Place::new(file, start + indent, start + text.trim_end().len())
    }

    /// The word, quoted string or single character that starts at a line and column, counted from 1.
    pub fn word(file: &Arc<SourceFile>, line: usize, column: usize) -> Self {
        let start = file.offset(line, column);
        let rest = &file.text[start..];
        let len = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len())
            .max(rest.chars().next().map_or(0, char::len_utf8));
        Place::new(file, start, start + len)
    }

    /// The start of a file, for mistakes that have no better place in it.
    pub fn whole(file: &Arc<SourceFile>) -> Self {
        Place::new(file, 0, 0)
    }

    /// Line and column of the start, both counted from 1.
    pub fn line_col(&self) -> (usize, usize) {
        self.file.line_col(self.start)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_col();
        write!(f, "{}:{line}:{column}", self.file.shown)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_lines_are_inverse() {
        let file = SourceFile::new("a.sql", "a.sql", "select é,\n  x\n");
        for (line, column, offset) in [(1, 1, 0), (1, 9, 9), (2, 3, 13), (9, 9, 15)] {
            assert_eq!(file.offset(line, column), offset);
        }
        assert_eq!(file.line_col(13), (2, 3));
        assert_eq!(Place::word(&file, 1, 1).end, 6);
        assert_eq!(Place::line(&file, 2).to_string(), "a.sql:2:3");
    }
}
