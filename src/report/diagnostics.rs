//! Draws diagnostics: the sentence, the place with its source line, further places, note and hint.

use crate::base::Diagnostic;
use crate::base::Place;
use crate::base::Severity;
use crate::config::flags::warn_error::is_deprecation;
use annotate_snippets::Annotation;
use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;
use console::Style;
use std::ops::Range;

/// The whole drawing, coloured.
///
/// ```text
/// error[unknown-ref]: no model or seed named `ordres`
///  --> models/daily.sql:7:14
///   |
/// 7 | from {{ ref('ordres') }}
///   |              ^^^^^^ not found in this project or its packages
///   = hint: did you mean `orders`?
/// ```
pub(super) fn draw(found: &Diagnostic) -> String {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Remark => Level::NOTE,
    };
    if let (Some(event), false) = (found.event, found.is_error()) {
        return format!("{}{}{}", label(event), found.message, below(found));
    }
    let title = level.primary_title(&found.message).id(found.code);
    let drawn = match parts(found).is_empty() {
        true => Renderer::styled().render(&[Group::with_title(title)]),
        false => Renderer::styled().render(&[title.elements(parts(found))]),
    };
    without_gap(found, drawn)
}

/// What stands before a warning of dbt's: old spellings are named, for those who want to silence them.
fn label(event: &str) -> String {
    let word = Style::new()
        .yellow()
        .force_styling(true)
        .apply_to("WARNING");
    match event {
        "NoNodesForSelectionCriteria" => String::new(),
        event if is_deprecation(event) => format!("[{word}][{event}]: "),
        _ => format!("[{word}]: "),
    }
}

/// The drawing without its first line, for where the sentence has been said; empty where nothing is left.
pub(super) fn draw_place(found: &Diagnostic) -> String {
    below(found).trim_start_matches('\n').to_string()
}

/// Everything below the sentence, with a line break before it.
fn below(found: &Diagnostic) -> String {
    let parts = parts(found);
    if parts.is_empty() {
        return String::new();
    }
    let drawn = Renderer::styled().render(&[Group::with_level(Level::WARNING).elements(parts)]);
    format!("\n{drawn}")
}

/// Between a sentence and its hint there is no line of a file, so no gap either.
fn without_gap(found: &Diagnostic, drawn: String) -> String {
    let is_gap = |line: &&str| console::strip_ansi_codes(line).trim() == "|";
    match found.place.is_some() || !found.related.is_empty() {
        true => drawn,
        false => drawn
            .lines()
            .filter(|line| !is_gap(line))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

fn parts(found: &Diagnostic) -> Vec<annotate_snippets::Element<'_>> {
    let mut parts: Vec<annotate_snippets::Element<'_>> = Vec::new();
    if let Some(place) = &found.place {
        parts.push(snippet(place, found.note.as_deref(), AnnotationKind::Primary).into());
    } else if let Some(note) = &found.note {
        parts.push(Level::NOTE.message(note).into());
    }
    for (place, text) in &found.related {
        parts.push(snippet(place, Some(text), AnnotationKind::Context).into());
    }
    if let Some(hint) = &found.hint {
        parts.push(Level::HELP.with_name(Some("hint")).message(hint).into());
    }
    parts
}

/// The lines around a place; only these, so that a long file costs no more than a short one.
fn snippet<'a>(
    place: &'a Place,
    label: Option<&'a str>,
    kind: AnnotationKind,
) -> Snippet<'a, Annotation<'a>> {
    let text = place.file.text();
    let lines = whole_lines(text, place.start..place.end);
    let line_start = text[..lines.start].bytes().filter(|b| *b == b'\n').count() + 1;
    let span = place.start - lines.start..place.end.min(lines.end) - lines.start;
    Snippet::source(&text[lines])
        .path(place.file.shown.as_str())
        .line_start(line_start)
        .annotation(kind.span(span).label(label))
}

/// The range of the lines that a range of bytes touches; at most the first twelve of them.
fn whole_lines(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[start..];
    let mut end = start;
    for line in rest.split_inclusive('\n').take(12) {
        end += line.len();
        if end >= range.end {
            break;
        }
    }
    start..end
}
