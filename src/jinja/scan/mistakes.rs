//! What is told of tags that do not fit together.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::SourceFile;
use crate::base::diagnostic::nearest;
use crate::jinja::scan::tags::Tag;
use std::sync::Arc;

pub(super) fn unclosed_tag(file: &Arc<SourceFile>, tag: &Tag) -> Diagnostic {
    let (what, end) = match file.text().as_bytes()[tag.whole.start + 1] {
        b'#' => ("comment", "#}"),
        b'%' => ("tag", "%}"),
        _ => ("expression", "}}"),
    };
    let place = Place::new(file, tag.whole.start, tag.whole.start + 2);
    Diagnostic::error("jinja-syntax", format!("this {what} is never closed"))
        .at(place)
        .hint(format!("end it with `{end}`"))
}

pub(super) fn unclosed_bracket(file: &Arc<SourceFile>, at: usize) -> Diagnostic {
    let bracket = &file.text()[at..at + 1];
    Diagnostic::error("jinja-syntax", format!("this `{bracket}` is never closed")).at(Place::new(
        file,
        at,
        at + 1,
    ))
}

/// A block without an end; `other` is the block of the same kind that begins instead.
pub(super) fn never_closed(
    file: &Arc<SourceFile>,
    tag: &Tag,
    word: &str,
    other: Option<&Tag>,
) -> Diagnostic {
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

pub(super) fn inside_control(file: &Arc<SourceFile>, tag: &Tag, outer: &Tag) -> Diagnostic {
    let word = outer.word(file.text());
    let outer = Place::new(file, outer.whole.start, outer.whole.end);
    Diagnostic::error(
        "jinja-syntax",
        format!(
            "a `{}` block cannot stand inside of `{word}`",
            tag.word(file.text())
        ),
    )
    .at(Place::new(file, tag.whole.start, tag.whole.end))
    .related(outer, format!("the `{word}` starts here"))
    .hint("declare it at the top level of the file")
}

pub(super) fn wrong_end(
    file: &Arc<SourceFile>,
    tag: &Tag,
    word: &str,
    open: Option<&Tag>,
) -> Diagnostic {
    let place = Place::new(file, tag.whole.start, tag.whole.end);
    let found = Diagnostic::error("jinja-syntax", format!("`{word}` does not fit here")).at(place);
    match open {
        None => found.note("no block is open"),
        Some(open) => {
            let name = open.word(file.text());
            let place = Place::new(file, open.whole.start, open.whole.end);
            found
                .note(format!("`end{name}` has to come first"))
                .related(place, format!("the innermost open block is this `{name}`"))
        }
    }
}

pub(super) fn unknown_tag(file: &Arc<SourceFile>, tag: &Tag, word: &str) -> Diagnostic {
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
