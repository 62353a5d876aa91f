//! One row of facts per warehouse. Whoever wants to know how a warehouse spells something asks here.

/// What text needs to know about a warehouse's SQL.
#[derive(Debug)]
pub struct Dialect {
    /// The `type` of a profile, and the prefix of its macros.
    pub name: &'static str,
    /// What starts the names of dbt's classes, which macros of packages ask about.
    pub title: &'static str,
    /// Put around an identifier to keep it as it is; doubled inside.
    pub quote: char,
    /// `None` where the warehouse sets no limit.
    pub max_identifier_bytes: Option<usize>,
    /// Which parts of a relation's name are quoted unless the project says otherwise.
    pub quoting: Parts,
    /// What becomes of an identifier written without quotes.
    pub unquoted: Unquoted,
    /// Whether two relations may differ by upper and lower case alone.
    pub case_sensitive: bool,
    /// Whether a subquery in `from` must have a name.
    pub subquery_needs_name: bool,
    /// Whether `/* /* */ */` is one comment.
    pub nested_comments: bool,
    /// Whether `$$text$$` and `$tag$text$tag$` are strings.
    pub dollar_strings: bool,
    /// Whether `\'` is a quote inside any string; `e'...'` strings have it everywhere.
    pub backslash_escapes: bool,
    /// Whether a query may read a file, so that a source can be one.
    pub reads_files: bool,
    /// String types, in small letters, that a column may have without any size.
    pub unsized_strings: &'static [&'static str],
    /// Whether a column may be made of fields with names of their own.
    pub nested_columns: bool,
    pub parser: Parser,
}

/// A choice for each part of a relation's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Parts {
    pub database: bool,
    pub schema: bool,
    pub identifier: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unquoted {
    /// Kept, and compared without regard to case.
    Kept,
    Lowered,
    Raised,
}

/// Which grammar of the parser fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parser {
    DuckDb,
    Postgres,
}

impl Parts {
    pub const ALL: Parts = Parts {
        database: true,
        schema: true,
        identifier: true,
    };

    pub const NONE: Parts = Parts {
        database: false,
        schema: false,
        identifier: false,
    };
}

pub static DUCKDB: Dialect = Dialect {
    name: "duckdb",
    title: "DuckDB",
    quote: '"',
    max_identifier_bytes: None,
    quoting: Parts::ALL,
    unquoted: Unquoted::Kept,
    case_sensitive: false,
    subquery_needs_name: false,
    nested_comments: true,
    dollar_strings: true,
    backslash_escapes: false,
    reads_files: true,
    unsized_strings: &[],
    nested_columns: true,
    parser: Parser::DuckDb,
};

pub static POSTGRES: Dialect = Dialect {
    name: "postgres",
    title: "Postgres",
    quote: '"',
    max_identifier_bytes: Some(63),
    quoting: Parts::ALL,
    unquoted: Unquoted::Lowered,
    case_sensitive: true,
    subquery_needs_name: true,
    nested_comments: true,
    dollar_strings: true,
    backslash_escapes: false,
    reads_files: false,
    unsized_strings: &["text", "character varying"],
    nested_columns: false,
    parser: Parser::Postgres,
};

/// The dialect of a profile's `type`; `None` for a warehouse that sqlmill does not know.
pub fn named(name: &str) -> Option<&'static Dialect> {
    [&DUCKDB, &POSTGRES]
        .into_iter()
        .find(|dialect| dialect.name == name)
}
