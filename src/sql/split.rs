//! Where one statement of a text ends and the next begins.

use crate::sql::dialect::Dialect;
use crate::sql::lex;
use std::ops::Range;

/// The statements of a text, as byte ranges without their semicolons; empty ones are left out.
pub fn statements(sql: &str, dialect: &'static Dialect) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<Range<usize>> = None;
    for piece in lex::code(sql, dialect) {
        if piece.is_symbol(sql, ";") {
            found.extend(open.take());
        } else {
            let start = open.map_or(piece.start, |range| range.start);
            open = Some(start..piece.end);
        }
    }
    found.extend(open);
    found
}

/// Whether the last word of a text about transactions is that one ends.
pub fn ends_transaction(sql: &str, dialect: &'static Dialect) -> bool {
    let lower = sql.to_ascii_lowercase();
    if !lower.contains("commit") && !lower.contains("rollback") {
        return false;
    }
    let words = statements(&lower, dialect).into_iter().map(|range| {
        let code = &lower[range];
        let end = code.find(|c: char| !c.is_alphanumeric() && c != '_');
        &code[..end.unwrap_or(code.len())]
    });
    let mut last = words.filter(|word| matches!(*word, "begin" | "start" | "commit" | "rollback"));
    last.next_back()
        .is_some_and(|word| matches!(word, "commit" | "rollback"))
}

/// The text without the semicolons that end it, so that it may stand in parentheses. Comments stay.
pub fn without_final_semicolon(sql: &str, dialect: &'static Dialect) -> String {
    let code: Vec<_> = lex::code(sql, dialect).collect();
    let ends = code.iter().rev();
    let extra: Vec<usize> = ends
        .take_while(|piece| piece.is_symbol(sql, ";"))
        .map(|piece| piece.start)
        .collect();
    let mut out = sql.to_string();
    for at in extra {
        out.remove(at);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::dialect::DUCKDB;

    #[test]
    fn semicolons_in_strings_and_comments_end_nothing() {
        let sql = "select ';' ; -- a; b\n ; select 2 /* ; */";
        let texts: Vec<&str> = statements(sql, &DUCKDB)
            .into_iter()
            .map(|range| &sql[range])
            .collect();
        assert_eq!(texts, ["select ';'", "select 2"]);
    }

    #[test]
    fn the_last_word_about_transactions_counts() {
        let rows = [
            ("create table t (a int); commit;", true),
            ("ROLLBACK", true),
            ("commit; begin; select 1", false),
            ("select commit from t", false),
            ("select 'x; commit'", false),
            ("select 1", false),
        ];
        for (sql, expected) in rows {
            assert_eq!(ends_transaction(sql, &DUCKDB), expected, "{sql}");
        }
    }

    #[test]
    fn only_the_final_semicolon_goes() {
        let rows = [
            ("select 1;", "select 1"),
            ("select 1 ; ; -- end;\n", "select 1   -- end;\n"),
            ("select ';'", "select ';'"),
            ("a; b;", "a; b"),
        ];
        for (sql, expected) in rows {
            assert_eq!(without_final_semicolon(sql, &DUCKDB), expected);
        }
    }
}
