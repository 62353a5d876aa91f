//! What a text does to a warehouse, as far as its words tell. In doubt it does more.

use crate::sql::dialect::Dialect;
use crate::sql::lex;
use crate::sql::lex::Kind;
use crate::sql::split;

/// Words with which statements start that only read.
const READING: [&str; 7] = [
    "describe", "explain", "select", "show", "table", "values", "with",
];

/// Words that make a reading statement write.
const WRITING: [&str; 18] = [
    "alter", "analyze", "call", "copy", "create", "delete", "drop", "execute", "insert", "into",
    "lock", "merge", "nextval", "refresh", "set", "setval", "truncate", "update",
];

/// Words of statements that begin or end transactions, or parts of them.
const CONTROLLING: [&str; 9] = [
    "abort",
    "begin",
    "commit",
    "end",
    "prepare",
    "release",
    "rollback",
    "savepoint",
    "start",
];

/// Whether a text may be sent twice without anybody noticing: all of its statements only read.
pub fn only_reads(sql: &str, dialect: &'static Dialect) -> bool {
    let reads = starts(sql, dialect).all(|word| READING.contains(&word.as_str()));
    reads
        && lex::code(sql, dialect).all(|piece| {
            piece.kind != Kind::Word || {
                let word = piece.text(sql).to_ascii_lowercase();
                !WRITING.contains(&word.as_str())
            }
        })
}

/// Whether a text begins or ends transactions by itself.
pub fn controls_transactions(sql: &str, dialect: &'static Dialect) -> bool {
    starts(sql, dialect).any(|word| CONTROLLING.contains(&word.as_str()))
}

/// The first word of each statement, in small letters.
fn starts(sql: &str, dialect: &'static Dialect) -> impl Iterator<Item = String> {
    let ranges = split::statements(sql, dialect).into_iter();
    ranges.map(move |range| {
        let statement = &sql[range];
        let mut pieces = lex::code(statement, dialect);
        // A query may stand in parentheses.
        let first = pieces.find(|piece| !piece.is_symbol(statement, "("));
        first.map_or_else(String::new, |piece| {
            piece.text(statement).to_ascii_lowercase()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::dialect::POSTGRES;

    #[test]
    fn reading_and_writing_are_told_apart() {
        let rows = [
            ("select 1", true),
            ("/* insert */ (select 'update') union select 2;", true),
            ("with a as (select 1) select * from a; show x", true),
            ("", true),
            (
                "with a as (delete from t returning 1) select * from a",
                false,
            ),
            ("select * into t from u", false),
            ("select 1; drop table t", false),
            ("select nextval('s')", false),
            ("explain analyze insert into t select 1", false),
            ("vacuum", false),
        ];
        for (sql, expected) in rows {
            assert_eq!(only_reads(sql, &POSTGRES), expected, "{sql}");
        }
    }

    #[test]
    fn control_is_seen_between_statements() {
        let rows = [
            ("select 1; COMMIT; begin; select 2", true),
            ("select 'commit'", false),
            ("do $$ begin end $$", false),
        ];
        for (sql, expected) in rows {
            assert_eq!(controls_transactions(sql, &POSTGRES), expected, "{sql}");
        }
    }
}
