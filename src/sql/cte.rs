//! Puts named queries in front of a text, as ephemeral models need it.

use crate::sql::dialect::Dialect;
use crate::sql::lex;
use crate::sql::split;

/// The text with `with name as (query), ...` in front, joined with a `with` it may already have.
/// Names are written as given; each query stands on lines of its own, so that a comment may end it.
/// White space is dbt's to the letter, since people compare compiled files.
pub fn inject_ctes(sql: &str, ctes: &[(String, String)], dialect: &'static Dialect) -> String {
    if ctes.is_empty() {
        return sql.to_string();
    }
    let added: Vec<String> = ctes
        .iter()
        .map(|(name, query)| {
            let query = split::without_final_semicolon(query, dialect);
            format!(" {name} as (\n{query}\n)")
        })
        .collect();
    let added = added.join(", ");
    match end_of_with(sql, dialect) {
        Some(at) => format!("{} {added},{}", &sql[..at], &sql[at..]),
        None => {
            let (blank, code) = sql.split_at(sql.len() - sql.trim_start().len());
            format!("{blank}with{added} {code}")
        }
    }
}

/// Byte offset behind the `with` or `with recursive` that opens the text; `None` where none does.
pub fn end_of_with(sql: &str, dialect: &'static Dialect) -> Option<usize> {
    let mut code = lex::code(sql, dialect);
    let with = code.next().filter(|piece| piece.is_word(sql, "with"))?;
    match code.next() {
        Some(next) if next.is_word(sql, "recursive") => Some(next.end),
        _ => Some(with.end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::dialect::DUCKDB;

    #[test]
    fn queries_join_the_with_that_is_there() {
        let rows = [
            ("select 1", "with x as (\nq\n) select 1"),
            ("-- with\nselect 1", "with x as (\nq\n) -- with\nselect 1"),
            (
                "-- c\nWITH a as (s) t",
                "-- c\nWITH  x as (\nq\n), a as (s) t",
            ),
            (
                "with /* c */ recursive a(n) as (s) t",
                "with /* c */ recursive  x as (\nq\n), a(n) as (s) t",
            ),
            ("(with a as (s) t)", "with x as (\nq\n) (with a as (s) t)"),
            ("\n\nselect 1", "\n\nwith x as (\nq\n) select 1"),
            ("withdrawals", "with x as (\nq\n) withdrawals"),
        ];
        for (sql, expected) in rows {
            let ctes = [("x".to_string(), "q;".to_string())];
            assert_eq!(inject_ctes(sql, &ctes, &DUCKDB), expected);
        }
        assert_eq!(inject_ctes("a", &[], &DUCKDB), "a");
    }
}
