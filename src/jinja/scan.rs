//! Finds tags in template text, and the blocks that stand at its top level.
//! Promise: one pass; quotes, comments and raw blocks are respected; no template is parsed.

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::diagnostic::nearest;
use std::ops::Range;
use std::sync::Arc;

/// What a block at the top level of a file declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Macro,
    Test,
    Materialization,
    Docs,
    Snapshot,
}

/// A block at the top level of a file. All ranges are byte offsets into its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub kind: Kind,
    /// From the first brace of the opening tag to the last of the closing one.
    pub whole: Range<usize>,
    /// What follows the keyword in the opening tag, such as `my_macro(a, b=1)`.
    pub header: Range<usize>,
    /// Between the tags; without the white space that `-%}` and `{%-` remove.
    pub body: Range<usize>,
}

/// The blocks of the wanted kinds at the top level of a file, in order.
/// Mistakes go into the bag, the rest is returned. What else stands between the blocks is nobody's:
/// `if` and `for` have to fit together there, any other tag is worth a warning.
pub fn blocks(file: &Arc<SourceFile>, wanted: &[Kind], bag: &Bag) -> Vec<Block> {
    let mut found = Vec::new();
    let mut control: Vec<Tag> = Vec::new();
    let mut tags = tags(&file.text);
    let mut next = tags.next();
    while let Some(tag) = next.take() {
        let word = tag.word(&file.text);
        match tag.kind {
            TagKind::Open => bag.add(unclosed_tag(file, &tag)),
            TagKind::Block => match Kind::from_keyword(word).filter(|kind| wanted.contains(kind)) {
                Some(kind) => {
                    if let Some(outer) = control.last() {
                        bag.add(inside_control(file, &tag, outer));
                    }
                    match close(&file.text, &mut tags, word) {
                        Ok(end) => found.push(block(&file.text, kind, &tag, &end)),
                        Err(other) => {
                            bag.add(never_closed(file, &tag, word, other.as_ref()));
                            next = other;
                        }
                    }
                }
                None => between(file, &mut control, tag, bag),
            },
            _ => {}
        }
        next = next.or_else(|| tags.next());
    }
    found
}

/// A tag between the blocks.
fn between(file: &Arc<SourceFile>, control: &mut Vec<Tag>, tag: Tag, bag: &Bag) {
    match tag.word(&file.text) {
        "if" | "for" | "endif" | "endfor" => {
            if let Err(wrong) = balance(file, control, tag) {
                bag.add(*wrong);
            }
        }
        "elif" | "else" => {}
        word => bag.add(
            Diagnostic::warning(
                "unexpected-block",
                format!("Found unexpected '{word}' block tag."),
            )
            .at(Place::new(file, tag.whole.start, tag.whole.end))
            .note("outside of a block this has no effect")
            .event("UnexpectedJinjaBlockDeprecation")
            .field("msg", format!("Found unexpected '{word}' block tag."))
            .field("file", file.shown.as_str()),
        ),
    }
}

/// The first place where the tags of a template do not fit together, if there is one.
pub fn imbalance(file: &Arc<SourceFile>, range: Range<usize>) -> Option<Diagnostic> {
    let mut open: Vec<Tag> = Vec::new();
    for mut tag in tags(&file.text[range.clone()]) {
        tag.shift(range.start);
        if let Some(at) = open_bracket(file.text.as_bytes(), &tag) {
            return Some(unclosed_bracket(file, at));
        }
        match tag.kind {
            TagKind::Open => return Some(unclosed_tag(file, &tag)),
            TagKind::Block => {
                if let Err(wrong) = balance(file, &mut open, tag) {
                    return Some(*wrong);
                }
            }
            _ => {}
        }
    }
    let tag = open.last()?;
    Some(never_closed(file, tag, tag.word(&file.text), None))
}

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

    fn shift(&mut self, by: usize) {
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

impl Kind {
    fn from_keyword(word: &str) -> Option<Kind> {
        match word {
            "macro" => Some(Kind::Macro),
            "test" | "data_test" => Some(Kind::Test),
            "materialization" => Some(Kind::Materialization),
            "docs" => Some(Kind::Docs),
            "snapshot" => Some(Kind::Snapshot),
            _ => None,
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
fn open_bracket(bytes: &[u8], tag: &Tag) -> Option<usize> {
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

/// Goes on to the tag that closes a block. Fails where the next block of its kind begins first,
/// with that block's tag, or at the end of the text.
fn close(text: &str, tags: &mut Tags<'_>, word: &str) -> Result<Tag, Option<Tag>> {
    for tag in tags.by_ref().filter(|tag| tag.kind == TagKind::Block) {
        let found = tag.word(text);
        if found == word {
            return Err(Some(tag));
        }
        if found.strip_prefix("end") == Some(word) {
            return Ok(tag);
        }
    }
    Err(None)
}

fn block(text: &str, kind: Kind, open: &Tag, end: &Tag) -> Block {
    let inner = &text[open.inner.clone()];
    let header = inner.trim_start();
    let start = open.inner.end - header.len();
    let keyword = open.word(text).len();
    let header = header[keyword..].trim();
    let from = start + keyword + text[start + keyword..].find(header).unwrap_or(0);
    Block {
        kind,
        whole: open.whole.start..end.whole.end,
        header: from..from + header.len(),
        body: trimmed(text, open, end),
    }
}

fn trimmed(text: &str, open: &Tag, end: &Tag) -> Range<usize> {
    let mut body = open.whole.end..end.whole.start;
    if end.trims_before {
        body.end = body.start + text[body.clone()].trim_end().len();
    }
    if open.trims_after {
        body.start = body.end - text[body.clone()].trim_start().len();
    }
    body
}

/// Keeps the stack of open control tags; an end tag that does not fit is an error.
fn balance(file: &Arc<SourceFile>, open: &mut Vec<Tag>, tag: Tag) -> Result<(), Box<Diagnostic>> {
    let word = tag.word(&file.text);
    let Some(closes) = word.strip_prefix("end") else {
        match has_end(file, &tag, word) {
            Some(true) => open.push(tag),
            Some(false) => {}
            None => return Err(Box::new(unknown_tag(file, &tag, word))),
        }
        return Ok(());
    };
    match open.pop() {
        Some(last) if same_block(last.word(&file.text), closes) => Ok(()),
        last => Err(Box::new(wrong_end(file, &tag, word, last.as_ref()))),
    }
}

/// Whether a tag opens a block; `None` for a tag that Jinja does not know.
fn has_end(file: &Arc<SourceFile>, tag: &Tag, word: &str) -> Option<bool> {
    match word {
        "set" => Some(!assigns(&file.text[tag.inner.clone()])),
        "if" | "for" | "macro" | "call" | "filter" | "with" | "block" | "autoescape" | "test"
        | "data_test" | "materialization" | "snapshot" | "docs" => Some(true),
        "elif" | "else" | "do" | "break" | "continue" | "include" | "import" | "from"
        | "extends" => Some(false),
        _ => None,
    }
}

/// Whether a `set` tag holds its value, rather than being followed by it.
fn assigns(inner: &str) -> bool {
    let target = inner.trim_start().trim_start_matches("set");
    let end = target.find(['=', '|']);
    end.is_some_and(|at| target.as_bytes()[at] == b'=')
}

fn same_block(open: &str, closes: &str) -> bool {
    open == closes
}

fn unclosed_tag(file: &Arc<SourceFile>, tag: &Tag) -> Diagnostic {
    let (what, end) = match file.text.as_bytes()[tag.whole.start + 1] {
        b'#' => ("comment", "#}"),
        b'%' => ("tag", "%}"),
        _ => ("expression", "}}"),
    };
    let place = Place::new(file, tag.whole.start, tag.whole.start + 2);
    Diagnostic::error("jinja-syntax", format!("this {what} is never closed"))
        .at(place)
        .hint(format!("end it with `{end}`"))
}

fn unclosed_bracket(file: &Arc<SourceFile>, at: usize) -> Diagnostic {
    let bracket = &file.text[at..at + 1];
    Diagnostic::error("jinja-syntax", format!("this `{bracket}` is never closed")).at(Place::new(
        file,
        at,
        at + 1,
    ))
}

/// A block without an end; `other` is the block of the same kind that begins instead.
fn never_closed(file: &Arc<SourceFile>, tag: &Tag, word: &str, other: Option<&Tag>) -> Diagnostic {
    let found = Diagnostic::error(
        "jinja-syntax",
        format!("this `{word}` block is never closed"),
    )
    .at(Place::new(file, tag.whole.start, tag.whole.end))
    .hint(format!("end it with `{{% end{word} %}}`"));
    match other {
        Some(other) => {
            let place = Place::new(file, other.whole.start, other.whole.end);
            found.related(place, format!("the next `{word}` begins here"))
        }
        None => found,
    }
}

fn inside_control(file: &Arc<SourceFile>, tag: &Tag, outer: &Tag) -> Diagnostic {
    let word = outer.word(&file.text);
    let outer = Place::new(file, outer.whole.start, outer.whole.end);
    Diagnostic::error(
        "jinja-syntax",
        format!(
            "a `{}` block cannot stand inside of `{word}`",
            tag.word(&file.text)
        ),
    )
    .at(Place::new(file, tag.whole.start, tag.whole.end))
    .related(outer, format!("the `{word}` starts here"))
    .hint("declare it at the top level of the file")
}

fn wrong_end(file: &Arc<SourceFile>, tag: &Tag, word: &str, open: Option<&Tag>) -> Diagnostic {
    let place = Place::new(file, tag.whole.start, tag.whole.end);
    let found = Diagnostic::error("jinja-syntax", format!("`{word}` does not fit here")).at(place);
    match open {
        None => found.note("no block is open"),
        Some(open) => {
            let name = open.word(&file.text);
            let place = Place::new(file, open.whole.start, open.whole.end);
            found
                .note(format!("`end{name}` has to come first"))
                .related(place, format!("the innermost open block is this `{name}`"))
        }
    }
}

fn unknown_tag(file: &Arc<SourceFile>, tag: &Tag, word: &str) -> Diagnostic {
    const KNOWN: [&str; 14] = [
        "set",
        "if",
        "for",
        "macro",
        "call",
        "filter",
        "with",
        "do",
        "test",
        "snapshot",
        "materialization",
        "docs",
        "elif",
        "else",
    ];
    let hint = nearest(word, KNOWN).map(|known| format!("did you mean `{known}`?"));
    Diagnostic::error("jinja-syntax", format!("unknown tag `{word}`"))
        .at(Place::new(file, tag.whole.start, tag.whole.end))
        .maybe_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> (Vec<Block>, Vec<String>) {
        let file = SourceFile::new("m.sql", "m.sql", text);
        let bag = Bag::new();
        let found = blocks(&file, &[Kind::Macro, Kind::Materialization], &bag);
        (found, bag.take().into_iter().map(|d| d.message).collect())
    }

    #[test]
    fn blocks_are_found_with_their_parts() {
        let text = "{# {% macro no() %} #}\n{%- macro a(x='%}', y) -%}\n  hi {{ {'b': {}} }} \n{%- endmacro %}\n\
            {% raw %}{% macro b() %}{% endraw %}{% materialization t, adapter='duckdb' %}x{% endmaterialization %}";
        let (found, mistakes) = scan(text);
        assert_eq!(mistakes, Vec::<String>::new());
        let parts: Vec<_> = found
            .iter()
            .map(|b| (b.kind, &text[b.header.clone()], &text[b.body.clone()]))
            .collect();
        assert_eq!(
            parts,
            [
                (Kind::Macro, "a(x='%}', y)", "hi {{ {'b': {}} }}"),
                (Kind::Materialization, "t, adapter='duckdb'", "x"),
            ]
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (text, mistake) in [
            ("{% macro a() %}x", "this `macro` block is never closed"),
            (
                "{% macro a() %}{% macro b() %}{% endmacro %}",
                "this `macro` block is never closed",
            ),
            ("{{ 'a'", "this expression is never closed"),
            (
                "{% mcro a() %}{% endmcro %}",
                "Found unexpected 'mcro' block tag.",
            ),
            ("{% if x %}{% endfor %}", "`endfor` does not fit here"),
            ("{% endif %}", "`endif` does not fit here"),
            (
                "{% if x %}{% macro a() %}{% endmacro %}{% endif %}",
                "a `macro` block cannot stand inside of `if`",
            ),
            ("{# a", "this comment is never closed"),
        ] {
            assert_eq!(scan(text).1.first().map(String::as_str), Some(mistake));
        }
        let (found, mistakes) = scan("{% macro a() %}{% macro b() %}{% endmacro %}{% if x %}");
        assert_eq!((found.len(), mistakes.len()), (1, 1));
    }
}
