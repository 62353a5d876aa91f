//! A column of a relation, and the questions macros ask about its type.

use crate::sql::Dialect;
use crate::sql::quote;

/// A column by name and type. Sizes are `None` where the type gives none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// The type without sizes where those are known apart, else as the warehouse writes it.
    pub dtype: String,
    pub char_size: Option<u32>,
    pub numeric_precision: Option<u32>,
    pub numeric_scale: Option<u32>,
}

/// Length of a string column whose type gives none.
const DEFAULT_STRING_SIZE: u32 = 256;

const STRINGS: [&str; 4] = ["text", "character varying", "character", "varchar"];
const FLOATS: [&str; 6] = [
    "real",
    "float4",
    "float",
    "double precision",
    "float8",
    "double",
];
const DECIMALS: [&str; 2] = ["numeric", "decimal"];
const INTEGERS: [&str; 20] = [
    "smallint",
    "integer",
    "bigint",
    "smallserial",
    "serial",
    "bigserial",
    "int2",
    "int4",
    "int8",
    "serial2",
    "serial4",
    "serial8",
    "tinyint",
    "hugeint",
    "int",
    "uhugeint",
    "utinyint",
    "usmallint",
    "uinteger",
    "ubigint",
];

impl Column {
    pub fn new(name: impl Into<String>, dtype: impl Into<String>) -> Self {
        Column {
            name: name.into(),
            dtype: dtype.into(),
            char_size: None,
            numeric_precision: None,
            numeric_scale: None,
        }
    }

    /// Takes the sizes out of a type such as `numeric(10,2)`.
    /// Fails with a sentence where they are no numbers.
    pub fn from_description(name: &str, described: &str) -> Result<Self, String> {
        let Some((base, rest)) = described.split_once('(') else {
            return Ok(Column::new(name, described));
        };
        let Some((sizes, _)) = rest.split_once(')') else {
            return Ok(Column::new(name, described));
        };
        let mut column = Column::new(name, base);
        let mut parts = sizes.splitn(2, ',');
        let mut number = || -> Result<Option<u32>, String> {
            let Some(text) = parts.next() else {
                return Ok(None);
            };
            text.trim().parse().map(Some).map_err(|_| {
                let text = text.trim();
                format!("Could not interpret data_type \"{described}\": could not convert \"{text}\" to an integer")
            })
        };
        match (number()?, number()?) {
            (size, None) => column.char_size = size,
            (precision, scale) => {
                column.numeric_precision = precision;
                column.numeric_scale = scale;
            }
        }
        Ok(column)
    }

    pub fn quoted(&self, dialect: &Dialect) -> String {
        quote::identifier(&self.name, dialect)
    }

    /// The type as a column definition needs it, sizes included.
    pub fn data_type(&self, dialect: &Dialect) -> String {
        if self.is_unsized_string(dialect) {
            return self.dtype.clone();
        }
        if self.is_string() {
            return Column::string_type(self.string_size().unwrap_or(DEFAULT_STRING_SIZE));
        }
        match self.is_numeric() {
            true => Column::numeric_type(&self.dtype, self.numeric_precision, self.numeric_scale),
            false => self.dtype.clone(),
        }
    }

    pub fn is_string(&self) -> bool {
        self.is_one_of(&STRINGS)
    }

    pub fn is_number(&self) -> bool {
        self.is_integer() || self.is_numeric() || self.is_float()
    }

    pub fn is_float(&self) -> bool {
        self.is_one_of(&FLOATS)
    }

    pub fn is_integer(&self) -> bool {
        self.is_one_of(&INTEGERS)
    }

    /// Whether a definition must not give this string column a size.
    fn is_unsized_string(&self, dialect: &Dialect) -> bool {
        let lower = self.dtype.to_lowercase();
        let may = dialect.unsized_strings.contains(&lower.as_str());
        may && (self.char_size.is_none() || lower == "text")
    }

    /// Whether the type is decimal with fixed digits.
    pub fn is_numeric(&self) -> bool {
        self.is_one_of(&DECIMALS)
    }

    pub fn is_struct(&self) -> bool {
        self.dtype.to_lowercase().starts_with("struct")
    }

    /// `None` for a column that holds no strings.
    pub fn string_size(&self) -> Option<u32> {
        if !self.is_string() {
            return None;
        }
        let size = self.char_size.filter(|_| !self.is_unsized());
        Some(size.unwrap_or(DEFAULT_STRING_SIZE))
    }

    fn is_unsized(&self) -> bool {
        self.dtype.eq_ignore_ascii_case("text") || self.char_size.is_none()
    }

    /// Whether widening this string column makes room for the other one's values.
    pub fn can_expand_to(&self, other: &Column) -> bool {
        match (self.string_size(), other.string_size()) {
            (Some(own), Some(wanted)) => wanted > own,
            _ => false,
        }
    }

    /// The leaves of a struct, each named by its path (`a.b.c`); other columns as they are.
    pub fn flatten(&self) -> Vec<Column> {
        let fields = self.fields();
        if fields.is_empty() {
            return vec![self.clone()];
        }
        let named = fields.into_iter().map(|field| Column {
            name: format!("{}.{}", self.name, field.name),
            ..field
        });
        named.flat_map(|field| field.flatten()).collect()
    }

    /// The fields of a struct, or of the structs in a list; empty for other types.
    /// A name that the type has in quotes keeps them, so that a path can be selected as it stands.
    pub fn fields(&self) -> Vec<Column> {
        match self.is_struct() {
            true => struct_fields(&self.dtype),
            false => Vec::new(),
        }
    }

    pub fn string_type(size: u32) -> String {
        format!("character varying({size})")
    }

    /// `numeric(10,2)`, or the bare type where a size is missing.
    pub fn numeric_type(dtype: &str, precision: Option<u32>, scale: Option<u32>) -> String {
        match (precision, scale) {
            (Some(precision), Some(scale)) => format!("{dtype}({precision},{scale})"),
            _ => dtype.to_string(),
        }
    }

    /// The warehouse's word for a type of dbt's own; other types come back as they are.
    pub fn translate_type(dtype: &str) -> String {
        match dtype.eq_ignore_ascii_case("string") {
            true => "TEXT".to_string(),
            false => dtype.to_string(),
        }
    }

    fn is_one_of(&self, types: &[&str]) -> bool {
        types
            .iter()
            .any(|known| self.dtype.eq_ignore_ascii_case(known))
    }
}

/// Reads `STRUCT(a INTEGER, "b c" STRUCT(d VARCHAR))`, with or without a final `[]`.
fn struct_fields(dtype: &str) -> Vec<Column> {
    let Some(open) = dtype.find('(') else {
        return Vec::new();
    };
    let inner = &dtype[open + 1..];
    let (mut depth, mut start, mut quoted) = (0usize, 0, false);
    let mut fields = Vec::new();
    for (at, c) in inner.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ',' if depth == 0 => {
                fields.extend(struct_field(&inner[start..at]));
                start = at + 1;
            }
            ')' if depth == 0 => {
                fields.extend(struct_field(&inner[start..at]));
                break;
            }
            ')' => depth -= 1,
            _ => {}
        }
    }
    fields
}

fn struct_field(text: &str) -> Option<Column> {
    let text = text.trim();
    let name_end = match text.starts_with('"') {
        true => end_of_quoted(text)?,
        false => text.find(char::is_whitespace)?,
    };
    let (name, dtype) = text.split_at(name_end);
    Some(Column::new(name, dtype.trim()))
}

/// Where a quoted name ends; a doubled quote stays inside.
fn end_of_quoted(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', Some(b'"')) => at += 2,
            (b'"', _) => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::dialect::DUCKDB;
    use crate::sql::dialect::POSTGRES;

    #[test]
    fn sizes_are_read_out_of_descriptions() {
        let c = Column::from_description("x", "numeric(10, 2)").unwrap();
        assert_eq!(
            (c.dtype.as_str(), c.data_type(&DUCKDB).as_str()),
            ("numeric", "numeric(10,2)")
        );
        let c = Column::from_description("x", "character varying(5)").unwrap();
        assert_eq!(
            (c.char_size, c.data_type(&DUCKDB).as_str()),
            (Some(5), "character varying(5)")
        );
        assert!(Column::from_description("x", "varchar(max)").is_err());
        let c = Column::new("x", "text");
        let written = (c.data_type(&DUCKDB), c.data_type(&POSTGRES));
        assert_eq!(written, ("character varying(256)".into(), "text".into()));
    }

    #[test]
    fn types_are_told_apart() {
        for (dtype, expected) in [
            ("VARCHAR", "string"),
            ("HUGEINT", "number integer"),
            ("decimal", "number numeric"),
            ("DOUBLE", "number float"),
            ("DECIMAL(18,3)", ""),
            ("STRUCT(a INTEGER)[]", "struct"),
        ] {
            let c = Column::new("x", dtype);
            let words = [
                (c.is_string(), "string"),
                (c.is_number(), "number"),
                (c.is_integer(), "integer"),
                (c.is_numeric(), "numeric"),
                (c.is_float(), "float"),
                (c.is_struct(), "struct"),
            ];
            let said: Vec<&str> = words
                .iter()
                .filter(|(is, _)| *is)
                .map(|(_, w)| *w)
                .collect();
            assert_eq!(said.join(" "), expected, "{dtype}");
        }
    }

    #[test]
    fn structs_flatten_to_paths() {
        let c = Column::new(
            "x",
            "STRUCT(a INTEGER, \"b \"\"c\" STRUCT(d DECIMAL(4,2), e MAP(VARCHAR, INTEGER)))",
        );
        let flat: Vec<String> = c
            .flatten()
            .into_iter()
            .map(|field| format!("{} {}", field.name, field.dtype))
            .collect();
        assert_eq!(
            flat,
            [
                "x.a INTEGER",
                "x.\"b \"\"c\".d DECIMAL(4,2)",
                "x.\"b \"\"c\".e MAP(VARCHAR, INTEGER)"
            ]
        );
    }

    #[test]
    fn only_longer_strings_need_room() {
        let sized = |size| Column {
            char_size: Some(size),
            ..Column::new("x", "varchar")
        };
        assert!(sized(10).can_expand_to(&sized(20)));
        assert!(!sized(20).can_expand_to(&sized(10)));
        assert!(!Column::new("x", "integer").can_expand_to(&sized(10)));
    }
}
