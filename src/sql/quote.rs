//! Writing names and texts so that SQL takes them literally.

use crate::sql::dialect::Dialect;

/// `orders` becomes `"orders"`; a quote inside is doubled.
pub fn identifier(name: &str, dialect: &Dialect) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    push_identifier(&mut out, name, dialect);
    out
}

/// Like [`identifier`], onto the end of a text.
pub fn push_identifier(out: &mut String, name: &str, dialect: &Dialect) {
    out.push(dialect.quote);
    for c in name.chars() {
        if c == dialect.quote {
            out.push(c);
        }
        out.push(c);
    }
    out.push(dialect.quote);
}

/// `it's` becomes `'it''s'`.
pub fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// The name that a piece of SQL stands for: quotes taken off and undoubled.
pub fn unquoted(written: &str) -> String {
    for quote in ['"', '`'] {
        let inner = written
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return inner.replace(&format!("{quote}{quote}"), &quote.to_string());
        }
    }
    written.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::dialect::DUCKDB;

    #[test]
    fn quotes_are_doubled_and_undoubled() {
        assert_eq!(identifier("a\"b", &DUCKDB), "\"a\"\"b\"");
        assert_eq!(unquoted("\"a\"\"b\""), "a\"b");
        assert_eq!(unquoted("plain"), "plain");
        assert_eq!(text("it's"), "'it''s'");
    }
}
