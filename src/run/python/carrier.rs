//! Which of a warehouse's types Parquet cannot hold, and the types that carry their values instead.

use serde::Deserialize;
use serde::Serialize;

/// Types by their names, and what carries them.
pub(super) type Carriers = &'static [(&'static str, &'static str)];

/// A column on its way through a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub(super) struct Carried {
    pub name: String,
    pub kind: String,
    /// The type in the file; `None` where it is the column's own.
    pub carrier: Option<String>,
}

/// As both sides write it.
type Row = (String, String, Option<String>);

impl Carried {
    pub(super) fn new(name: &str, kind: &str, carriers: Carriers) -> Self {
        Carried {
            name: name.to_string(),
            kind: kind.to_string(),
            carrier: of(kind, carriers),
        }
    }
}

impl From<Row> for Carried {
    fn from((name, kind, carrier): Row) -> Self {
        Carried {
            name,
            kind,
            carrier,
        }
    }
}

impl From<Carried> for Row {
    fn from(carried: Carried) -> Self {
        (carried.name, carried.kind, carried.carrier)
    }
}

/// The type that carries a type, also inside of lists and structs; `None` where it carries itself.
pub(super) fn of(kind: &str, carriers: Carriers) -> Option<String> {
    let mut carried = String::with_capacity(kind.len());
    let mut rest = kind;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let end = quoted_len(rest);
            carried.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if first.is_ascii_alphabetic() {
            let (text, behind) = word(rest, carriers);
            carried.push_str(text);
            rest = behind;
        } else if first == '[' {
            // A list of fixed length comes back as one of any length.
            let end = rest.find(']').map_or(rest.len(), |at| at + 1);
            carried.push_str("[]");
            rest = &rest[end..];
        } else {
            carried.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    (carried != kind).then_some(carried)
}

/// What stands for the type at the start of a text, and what is left behind it.
fn word(text: &str, carriers: Carriers) -> (&str, &str) {
    if text.starts_with("ENUM(") {
        return ("VARCHAR", &text[closing(text)..]);
    }
    let len = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let found = carriers.iter().find(|(name, _)| match name.contains(' ') {
        true => text.starts_with(name),
        false => text[..len] == **name,
    });
    match found {
        Some((name, carrier)) => (carrier, &text[name.len()..]),
        None => text.split_at(len),
    }
}

/// Where the brackets that open in a text are closed.
fn closing(text: &str) -> usize {
    let mut quoted = false;
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 1 => return at + 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn quoted_len(text: &str) -> usize {
    text[1..].find('"').map_or(text.len(), |at| at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARRIERS: Carriers = &[
        ("UHUGEINT", "VARCHAR"),
        ("HUGEINT", "DECIMAL(38,0)"),
        ("TIME WITH TIME ZONE", "VARCHAR"),
        ("TIMESTAMP_S", "TIMESTAMP"),
    ];

    #[test]
    fn only_what_parquet_lacks_is_carried() {
        let rows = [
            ("INTEGER", None),
            ("DECIMAL(18,3)", None),
            ("HUGEINT", Some("DECIMAL(38,0)")),
            ("UHUGEINT[]", Some("VARCHAR[]")),
            ("INTEGER[3]", Some("INTEGER[]")),
            ("ENUM('a', 'b)')", Some("VARCHAR")),
            (
                "STRUCT(\"HUGEINT\" HUGEINT, b INTEGER)",
                Some("STRUCT(\"HUGEINT\" DECIMAL(38,0), b INTEGER)"),
            ),
            ("TIME WITH TIME ZONE", Some("VARCHAR")),
            ("TIMESTAMP WITH TIME ZONE", None),
            ("TIMESTAMP_S", Some("TIMESTAMP")),
            ("MAP(VARCHAR, HUGEINT)", Some("MAP(VARCHAR, DECIMAL(38,0))")),
        ];
        for (kind, expected) in rows {
            assert_eq!(of(kind, CARRIERS).as_deref(), expected, "{kind}");
        }
    }
}
