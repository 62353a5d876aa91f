//! Project files as read, and places in them.

use crate::base::Diagnostic;
use crate::base::fs;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;

/// One text file of a project or package, read once and shared.
#[derive(Debug)]
pub struct SourceFile {
    /// Path as shown to people: relative to the root project, with `/`.
    pub shown: String,
    /// Path on disk.
    pub path: PathBuf,
    /// Empty until somebody asks, for a file that nobody had to read so far.
    text: OnceLock<String>,
    origin: Origin,
    /// Where each line starts, in bytes; made when a place is first asked for.
    lines: OnceLock<Vec<u32>>,
}

/// Where a text comes from.
#[derive(Debug)]
enum Origin {
    /// It is the file's content.
    Disk,
    /// It came with sqlmill.
    Embedded,
    /// It was made out of something that stands at a place: a YAML value, the code of a test.
    Made(Place),
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
            text: OnceLock::from(text.into()),
            origin: Origin::Disk,
            lines: OnceLock::new(),
        })
    }

    /// A file whose text is read when it is first asked for.
    pub fn unread(shown: impl Into<String>, path: impl Into<PathBuf>) -> Arc<Self> {
        Arc::new(SourceFile {
            shown: shown.into(),
            path: path.into(),
            text: OnceLock::new(),
            origin: Origin::Disk,
            lines: OnceLock::new(),
        })
    }

    /// Reads the text, unless that was done before. A file that cannot be read, or holds a byte that
    /// is no UTF-8, is a mistake; without this call its text is then empty, or has signs in place of
    /// such bytes.
    pub fn read(&self) -> Result<(), Box<Diagnostic>> {
        if self.text.get().is_some() {
            return Ok(());
        }
        let bytes = fs::read_bytes(&self.path, "project file")
            .map_err(|error| Box::new(Diagnostic::error("unreadable-file", error.to_string())))?;
        let text = valid(&self.shown, bytes)?;
        self.text.get_or_init(|| text);
        Ok(())
    }

    /// The text, where somebody has read it.
    pub fn known_text(&self) -> Option<&str> {
        self.text.get().map(String::as_str)
    }

    pub fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let bytes = fs::read_bytes(&self.path, "project file").unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        })
    }

    /// A file as read from disk; a byte that is no UTF-8 is a mistake with its place.
    pub fn from_bytes(
        shown: impl Into<String>,
        path: impl Into<PathBuf>,
        bytes: Vec<u8>,
    ) -> Result<Arc<Self>, Box<Diagnostic>> {
        let shown = shown.into();
        valid(&shown, bytes).map(|text| SourceFile::new(shown.clone(), path, text))
    }

    /// A text that came with sqlmill, under the path by which users know it.
    pub fn embedded(shown: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let shown = shown.into();
        Arc::new(SourceFile {
            path: PathBuf::from(&shown),
            shown,
            text: OnceLock::from(text.into()),
            origin: Origin::Embedded,
            lines: OnceLock::new(),
        })
    }

    /// A text made out of what stands at a place. All its places are told as that one, or as a part
    /// of it where the text stands there word by word.
    pub fn made(origin: &Place, text: impl Into<String>) -> Arc<Self> {
        Arc::new(SourceFile {
            shown: origin.file.shown.clone(),
            path: origin.file.path.clone(),
            text: OnceLock::from(text.into()),
            origin: Origin::Made(origin.clone()),
            lines: OnceLock::new(),
        })
    }

    pub fn is_embedded(&self) -> bool {
        matches!(self.origin, Origin::Embedded)
    }

    /// Line and column, both counted from 1, the column in characters.
    /// An offset past the end gives the last place of the text.
    pub fn line_col(&self, offset: usize) -> (usize, usize) {
        let mut end = offset.min(self.text().len());
        while !self.text().is_char_boundary(end) {
            end -= 1;
        }
        let line = self.lines().partition_point(|start| *start as usize <= end);
        let start = self.lines()[line - 1] as usize;
        (line, self.text()[start..end].chars().count() + 1)
    }

    /// Byte offset of a line and column, both counted from 1.
    /// A column past the end of its line gives the end of that line.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let Some(start) = self.lines().get(line.saturating_sub(1)) else {
            return self.text().len();
        };
        let start = *start as usize;
        let rest = &self.text()[start..];
        let line_text = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let within = line_text
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(line_text.len(), |(at, _)| at);
        start + within
    }

    /// Never empty: the first line starts at 0. A text of more than 4 GiB is told by its first part.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text().bytes().enumerate().filter(|(_, b)| *b == b'\n');
            let starts = breaks.map_while(|(at, _)| u32::try_from(at + 1).ok());
            std::iter::once(0).chain(starts).collect()
        })
    }
}

/// The text that some bytes are.
fn valid(shown: &str, bytes: Vec<u8>) -> Result<String, Box<Diagnostic>> {
    String::from_utf8(bytes).map_err(|wrong| {
        let at = wrong.utf8_error().valid_up_to();
        let byte = wrong.as_bytes()[at];
        let message = format!("`{shown}` is not valid UTF-8: byte {byte:#04x}");
        let text = String::from_utf8_lossy(wrong.as_bytes());
        let file = SourceFile::new(shown, PathBuf::new(), text);
        let found = Diagnostic::error("not-utf8", message);
        Box::new(
            found
                .at(Place::new(&file, at, at + 1))
                .hint("save the file as UTF-8"),
        )
    })
}

/// A stretch of a file: byte offsets counted from 0, the end not included.
#[derive(Clone)]
pub struct Place {
    pub file: Arc<SourceFile>,
    pub start: usize,
    pub end: usize,
}

impl Place {
    /// Offsets outside of the text, or inside of a character, move to the next that can be drawn.
    pub fn new(file: &Arc<SourceFile>, start: usize, end: usize) -> Self {
        let start = file.text().floor_char_boundary(start);
        let end = file.text().ceil_char_boundary(end.max(start));
        match &file.origin {
            Origin::Made(origin) => origin.part(file.text(), start, end),
            Origin::Disk | Origin::Embedded => Place {
                file: file.clone(),
                start,
                end,
            },
        }
    }

    /// The part of this place in which a stretch of `text` stands; the whole place where the text
    /// was changed on its way.
    fn part(&self, text: &str, start: usize, end: usize) -> Self {
        let written = &self.file.text()[self.start..self.end];
        let Some(at) = written.find(text).filter(|_| !text.is_empty()) else {
            return self.clone();
        };
        Place::new(&self.file, self.start + at + start, self.start + at + end)
    }

    /// The whole text of a line, counted from 1, without its indentation.
    pub fn line(file: &Arc<SourceFile>, line: usize) -> Self {
        let start = file.offset(line, 1);
        let text = file.text()[start..].lines().next().unwrap_or("");
        let indent = text.len() - text.trim_start().len();
        Place::new(file, start + indent, start + text.trim_end().len())
    }

    /// The word, quoted string or single character that starts at a line and column, counted from 1.
    pub fn word(file: &Arc<SourceFile>, line: usize, column: usize) -> Self {
        let start = file.offset(line, column);
        let rest = &file.text()[start..];
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
    fn places_of_a_made_text_are_told_where_it_was_written() {
        let file = SourceFile::new("a.yml", "a.yml", "hook: \"{{ oops }}\"\nname: é\n");
        let line = Place::line(&file, 1);
        let hook = SourceFile::made(&line, "{{ oops }}");
        assert_eq!(Place::new(&hook, 3, 7).to_string(), "a.yml:1:11");
        let changed = SourceFile::made(&line, "{{ test_oops() }}");
        assert_eq!(Place::new(&changed, 3, 7).to_string(), "a.yml:1:1");
        let inside = file.text().len() - 2;
        assert_eq!(Place::new(&file, inside, inside).to_string(), "a.yml:2:7");
    }

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
