//! The tags of a template, one after the other.
//! Promise: one pass; quotes, comments and raw blocks are respected; what stands in a tag is not parsed.

use std::ops::Range;

/// The tags of a template, in order; a raw block is one tag.
pub fn tags(text: &str) -> Tags<'_> {
    Tags { text, at: 0 }
}

/// Whether a text holds anything for the template engine to do.
pub fn is_template(text: &str) -> bool {
    next_start(text, 0).is_some()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagKind {
    /// `{{ ... }}`
    Print,
    /// `{% ... %}`
    Block,
    /// `{# ... #}`
    Comment,
    /// `{% raw %} ... {% endraw %}`
    Raw,
    /// A tag that the text ends in.
    Open,
}

#[derive(Debug, Clone)]
pub struct Tag {
    pub kind: TagKind,
    pub whole: Range<usize>,
    /// Without braces and the signs that control white space.
    pub inner: Range<usize>,
    pub trims_before: bool,
    pub trims_after: bool,
}

impl Tag {
    /// The keyword of a block tag; empty where there is none.
    pub fn word<'t>(&self, text: &'t str) -> &'t str {
        let inner = text[self.inner.clone()].trim_start();
        let end = inner.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        &inner[..end.unwrap_or(inner.len())]
    }

    /// Where the tag begins, with the white space that its `-` removes; not before `free`.
    pub(super) fn start_with_space(&self, text: &str, free: usize) -> usize {
        if !self.trims_before {
            return self.whole.start;
        }
        free + text[free..self.whole.start].trim_end().len()
    }

    /// Where the tag ends, with the white space that its `-` removes; not that at the end of the text.
    pub(super) fn end_with_space(&self, text: &str) -> usize {
        match text[self.whole.end..].find(|c: char| !c.is_whitespace()) {
            Some(space) if self.trims_after => self.whole.end + space,
            _ => self.whole.end,
        }
    }

    pub(super) fn shift(&mut self, by: usize) {
        self.whole = self.whole.start + by..self.whole.end + by;
        self.inner = self.inner.start + by..self.inner.end + by;
    }
}

#[derive(Debug)]
pub struct Tags<'t> {
    text: &'t str,
    at: usize,
}

impl Iterator for Tags<'_> {
    type Item = Tag;

    fn next(&mut self) -> Option<Tag> {
        let start = next_start(self.text, self.at)?;
        let tag = read_tag(self.text, start);
        self.at = tag.whole.end;
        if tag.kind == TagKind::Block && tag.word(self.text) == "raw" {
            return Some(self.raw(tag));
        }
        Some(tag)
    }
}

impl Tags<'_> {
    /// A raw block as one tag. Jinja2 lets the text end in one.
    fn raw(&mut self, open: Tag) -> Tag {
        let mut from = open.whole.end;
        let mut end = self.text.len();
        while let Some(at) = self.text[from..].find("{%") {
            let tag = read_tag(self.text, from + at);
            if tag.word(self.text) == "endraw" {
                end = tag.whole.end;
                break;
            }
            from += at + 2;
        }
        self.at = end;
        Tag {
            kind: TagKind::Raw,
            whole: open.whole.start..end,
            ..open
        }
    }
}

fn next_start(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(found) = text[at..].find('{') {
        at += found;
        if matches!(bytes.get(at + 1), Some(b'{' | b'%' | b'#')) {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn read_tag(text: &str, start: usize) -> Tag {
    let bytes = text.as_bytes();
    let (kind, end) = match bytes[start + 1] {
        b'#' => (TagKind::Comment, comment_end(text, start + 2)),
        b'%' => (TagKind::Block, tag_end(bytes, start + 2, b'%')),
        _ => (TagKind::Print, tag_end(bytes, start + 2, b'}')),
    };
    let Some(end) = end else {
        return Tag {
            kind: TagKind::Open,
            whole: start..text.len(),
            inner: start + 2..text.len(),
            trims_before: false,
            trims_after: false,
        };
    };
    let mut inner = start + 2..end - 2;
    let sign = |at: usize| bytes.get(at).copied().filter(|b| matches!(b, b'-' | b'+'));
    let before = sign(inner.start).filter(|_| inner.start < inner.end);
    inner.start += usize::from(before.is_some());
    let after = sign(inner.end.saturating_sub(1)).filter(|_| inner.start < inner.end);
    inner.end -= usize::from(after.is_some());
    Tag {
        kind,
        whole: start..end,
        inner,
        trims_before: before == Some(b'-'),
        trims_after: after == Some(b'-'),
    }
}

fn comment_end(text: &str, from: usize) -> Option<usize> {
    text[from..].find("#}").map(|at| from + at + 2)
}

/// The offset after the closing braces, skipping strings and, in a `{{` tag, inner braces.
fn tag_end(bytes: &[u8], from: usize, closing: u8) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"') => at = string_end(bytes, at + 1, quote).unwrap_or(at),
            b'{' if closing == b'}' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            byte if byte == closing && bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The innermost bracket that a tag opens and does not close.
pub(super) fn open_bracket(bytes: &[u8], tag: &Tag) -> Option<usize> {
    if !matches!(tag.kind, TagKind::Block | TagKind::Print) {
        return None;
    }
    let mut open = Vec::new();
    let mut at = tag.inner.start;
    while at < tag.inner.end {
        match bytes[at] {
            quote @ (b'\'' | b'"') => at = string_end(bytes, at + 1, quote).unwrap_or(at),
            b'(' | b'[' | b'{' => open.push(at),
            closing @ (b')' | b']' | b'}') => {
                let opening = open.pop()?;
                if !matches!(
                    (bytes[opening], closing),
                    (b'(', b')') | (b'[', b']') | (b'{', b'}')
                ) {
                    return Some(opening);
                }
            }
            _ => {}
        }
        at += 1;
    }
    open.pop()
}

/// The offset of the quote that ends a string; `None` where nothing does.
fn string_end(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}
