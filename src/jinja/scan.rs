//! Finds tags in template text, and the blocks that stand at its top level.
//! Promise: one pass; quotes, comments and raw blocks are respected; no template is parsed.

mod mistakes;
mod tags;

use crate::base::Bag;
use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use mistakes::inside_control;
use mistakes::never_closed;
use mistakes::unclosed_bracket;
use mistakes::unclosed_tag;
use mistakes::unknown_tag;
use mistakes::wrong_end;
use std::ops::Range;
use std::sync::Arc;
pub use tags::Tag;
pub use tags::TagKind;
pub use tags::Tags;
pub use tags::is_template;
use tags::open_bracket;
pub use tags::tags;

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
    /// `whole` with the white space around it that its own `{%-` and `-%}` remove,
    /// but for the white space that the file begins and ends with.
    pub written: Range<usize>,
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
    let mut tags = tags(file.text());
    let mut next = tags.next();
    let mut free = file.text().len() - file.text().trim_start().len();
    while let Some(tag) = next.take() {
        let after = match tag.kind {
            // dbt leaves what a comment removes to the block that follows.
            TagKind::Comment => tag.whole.end,
            _ => tag.end_with_space(file.text()),
        };
        let word = tag.word(file.text());
        match tag.kind {
            TagKind::Open => bag.add(unclosed_tag(file, &tag)),
            TagKind::Block => match Kind::from_keyword(word).filter(|kind| wanted.contains(kind)) {
                Some(kind) => {
                    if let Some(outer) = control.last() {
                        bag.add(inside_control(file, &tag, outer));
                    }
                    match close(file.text(), &mut tags, word) {
                        Ok(end) => found.push(block(file.text(), kind, &tag, &end, free)),
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
        free = free.max(
            found
                .last()
                .map_or(after, |block| block.written.end.max(after)),
        );
        next = next.or_else(|| tags.next());
    }
    found
}

/// A tag between the blocks.
fn between(file: &Arc<SourceFile>, control: &mut Vec<Tag>, tag: Tag, bag: &Bag) {
    match tag.word(file.text()) {
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
    for mut tag in tags(&file.text()[range.clone()]) {
        tag.shift(range.start);
        if let Some(at) = open_bracket(file.text().as_bytes(), &tag) {
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
    Some(never_closed(file, tag, tag.word(file.text()), None))
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

/// `free` is where the text begins that no earlier tag has taken.
fn block(text: &str, kind: Kind, open: &Tag, end: &Tag, free: usize) -> Block {
    let inner = &text[open.inner.clone()];
    let header = inner.trim_start();
    let start = open.inner.end - header.len();
    let keyword = open.word(text).len();
    let header = header[keyword..].trim();
    let from = start + keyword + text[start + keyword..].find(header).unwrap_or(0);
    Block {
        kind,
        whole: open.whole.start..end.whole.end,
        written: open.start_with_space(text, free)..end.end_with_space(text),
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
    let word = tag.word(file.text());
    let Some(closes) = word.strip_prefix("end") else {
        match has_end(file, &tag, word) {
            Some(true) => open.push(tag),
            Some(false) => {}
            None => return Err(Box::new(unknown_tag(file, &tag, word))),
        }
        return Ok(());
    };
    match open.pop() {
        Some(last) if same_block(last.word(file.text()), closes) => Ok(()),
        last => Err(Box::new(wrong_end(file, &tag, word, last.as_ref()))),
    }
}

/// Whether a tag opens a block; `None` for a tag that Jinja does not know.
fn has_end(file: &Arc<SourceFile>, tag: &Tag, word: &str) -> Option<bool> {
    match word {
        "set" => Some(!assigns(&file.text()[tag.inner.clone()])),
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
    fn the_space_that_the_tags_remove_belongs_to_a_block() {
        let text = "{# one -#}\n\n{%- macro a() -%}x{%- endmacro -%}\n\n\
            {%- macro b() %}{% endmacro %}\n\n{%- macro c() %}{% endmacro -%}\n";
        let (found, _) = scan(text);
        let written: Vec<_> = found.iter().map(|b| &text[b.written.clone()]).collect();
        assert_eq!(
            written,
            [
                "\n\n{%- macro a() -%}x{%- endmacro -%}\n\n",
                "{%- macro b() %}{% endmacro %}",
                "\n\n{%- macro c() %}{% endmacro -%}",
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
