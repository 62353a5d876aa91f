//! The name of something a warehouse holds, and how it is written into SQL.
//! Promise: the text is dbt's, part for part.
//! Not here: whether the relation exists (`cache`).

use crate::sql::Dialect;
use crate::sql::Parts;
use crate::sql::quote;
use std::fmt;

/// One relation by name. Equal when all of it is equal, the kind included.
#[derive(Clone)]
pub struct Relation {
    pub dialect: &'static Dialect,
    pub database: Option<String>,
    pub schema: Option<String>,
    pub identifier: Option<String>,
    /// `None` where nobody said and nobody looked.
    pub kind: Option<RelationKind>,
    /// Which parts are put in quotes.
    pub quote: Parts,
    /// Which parts are written at all.
    pub include: Parts,
    /// SQL that is read in place of the name, such as `read_parquet('orders.parquet')`.
    pub external: Option<String>,
    /// Read at most so many rows; 0 stands for `--empty`.
    pub limit: Option<u64>,
    pub event_time: Option<EventTime>,
    /// Whether a limited or filtered read gets a name of its own, as some warehouses require.
    pub alias_required: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RelationKind {
    Table,
    View,
    Cte,
    MaterializedView,
    Ephemeral,
    External,
    PointerTable,
    Function,
}

/// A window of time to read, as microbatches and `--sample` set it: start included, end not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTime {
    pub field: String,
    /// Text of the instant, such as `2024-01-01 00:00:00+00:00`; `None` leaves this side open.
    pub start: Option<String>,
    pub end: Option<String>,
}

/// What starts the name of the query that stands for an ephemeral model.
pub const CTE_PREFIX: &str = "__dbt__cte__";

impl RelationKind {
    pub const ALL: [RelationKind; 8] = [
        RelationKind::Table,
        RelationKind::View,
        RelationKind::Cte,
        RelationKind::MaterializedView,
        RelationKind::Ephemeral,
        RelationKind::External,
        RelationKind::PointerTable,
        RelationKind::Function,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            RelationKind::Table => "table",
            RelationKind::View => "view",
            RelationKind::Cte => "cte",
            RelationKind::MaterializedView => "materialized_view",
            RelationKind::Ephemeral => "ephemeral",
            RelationKind::External => "external",
            RelationKind::PointerTable => "pointer_table",
            RelationKind::Function => "function",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        RelationKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

impl Relation {
    /// A relation with the warehouse's default quoting.
    pub fn new(
        dialect: &'static Dialect,
        database: Option<&str>,
        schema: Option<&str>,
        identifier: Option<&str>,
    ) -> Self {
        Relation {
            dialect,
            database: database.map(str::to_string),
            schema: schema.map(str::to_string),
            identifier: identifier.map(str::to_string),
            kind: None,
            quote: dialect.quoting,
            include: Parts::ALL,
            external: None,
            limit: None,
            event_time: None,
            alias_required: dialect.subquery_needs_name,
        }
    }

    /// What stands for an ephemeral model inside the query that reads it.
    pub fn cte(dialect: &'static Dialect, model: &str) -> Self {
        let unquoted = Parts {
            identifier: false,
            ..dialect.quoting
        };
        let name = format!("{CTE_PREFIX}{model}");
        Relation::new(dialect, None, None, Some(&name))
            .of_kind(RelationKind::Cte)
            .with_quote(unquoted)
    }

    pub fn of_kind(mut self, kind: RelationKind) -> Self {
        self.kind = Some(kind);
        self
    }

    pub fn with_quote(mut self, quote: Parts) -> Self {
        self.quote = quote;
        self
    }

    pub fn with_include(mut self, include: Parts) -> Self {
        self.include = include;
        self
    }

    /// The relation whose name is this one's and a suffix, the name cut short where the warehouse
    /// takes no longer ones. Fails with a sentence where the suffix alone is too long.
    pub fn suffixed(&self, suffix: &str) -> Result<Self, String> {
        let mut name = self.name();
        if let Some(longest) = self.dialect.max_identifier_bytes {
            let room = longest.checked_sub(suffix.len());
            let room = room.ok_or_else(|| {
                format!(
                    "Relation suffix is too long ({} characters). Maximum length is {longest} characters.",
                    suffix.len()
                )
            })?;
            name = &name[..name.floor_char_boundary(room)];
        }
        let mut other = self.clone();
        other.identifier = Some(format!("{name}{suffix}"));
        Ok(other)
    }

    /// The schema that holds this relation.
    pub fn without_identifier(&self) -> Self {
        self.including(|include| include.identifier = false)
    }

    /// Changes which parts are written.
    pub fn including(&self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut other = self.clone();
        change(&mut other.include);
        other
    }

    /// Changes which parts are quoted.
    pub fn quoting(&self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut other = self.clone();
        change(&mut other.quote);
        other
    }

    /// A view of the database's information schema, or that schema itself.
    pub fn information_schema(&self, view: Option<&str>) -> Self {
        let schema = Some("INFORMATION_SCHEMA");
        let relation = Relation::new(self.dialect, self.database.as_deref(), schema, view);
        let quote = Parts {
            database: self.quote.database,
            schema: false,
            identifier: false,
        };
        let include = Parts {
            database: self.include.database,
            ..Parts::ALL
        };
        relation
            .of_kind(RelationKind::View)
            .with_quote(quote)
            .with_include(include)
    }

    /// The name alone; empty where no part is known.
    pub fn render(&self) -> String {
        if let Some(external) = &self.external {
            return external.clone();
        }
        let mut out = String::new();
        for (part, quoted) in self.written_parts() {
            if !out.is_empty() {
                out.push('.');
            }
            match quoted {
                true => quote::push_identifier(&mut out, part, self.dialect),
                false => out.push_str(part),
            }
        }
        out
    }

    /// What `from` reads: the name, or a subquery where only some of the rows are wanted.
    pub fn render_read(&self) -> String {
        let limited = self.render_limited();
        let Some(condition) = self.event_time.as_ref().and_then(EventTime::condition) else {
            return limited;
        };
        let alias = self.subquery_alias("et_filter");
        format!("(select * from {limited} where {condition}){alias}")
    }

    /// The name, or a subquery where a limit is set; no regard to the window of time.
    pub fn render_limited(&self) -> String {
        let name = self.render();
        let alias = self.subquery_alias("limit");
        match self.limit {
            None => name,
            Some(0) => format!("(select * from {name} where false limit 0){alias}"),
            Some(limit) => format!("(select * from {name} limit {limit}){alias}"),
        }
    }

    /// Whether the given parts name this relation; a part that is `None` fits all.
    pub fn matches(
        &self,
        database: Option<&str>,
        schema: Option<&str>,
        identifier: Option<&str>,
    ) -> bool {
        let fits = |wanted: Option<&str>, own: &Option<String>| match (wanted, own) {
            (None, _) => true,
            (Some(wanted), Some(own)) => same_name(wanted, own, self.dialect),
            (Some(_), None) => false,
        };
        fits(database, &self.database)
            && fits(schema, &self.schema)
            && fits(identifier, &self.identifier)
    }

    /// Whether both name the same thing, whatever their kinds and quotes.
    pub fn is_same(&self, other: &Relation) -> bool {
        self.key() == other.key()
    }

    /// Database, schema and identifier in the form in which names are compared.
    pub fn key(&self) -> RelationKey {
        let folded = |part: &Option<String>| part.as_deref().map(|name| fold(name, self.dialect));
        RelationKey {
            database: folded(&self.database).unwrap_or_default(),
            schema: folded(&self.schema).unwrap_or_default(),
            identifier: folded(&self.identifier).unwrap_or_default(),
        }
    }

    pub fn name(&self) -> &str {
        self.identifier.as_deref().unwrap_or_default()
    }

    fn written_parts(&self) -> impl Iterator<Item = (&str, bool)> {
        let parts = [
            (&self.database, self.include.database, self.quote.database),
            (&self.schema, self.include.schema, self.quote.schema),
            (
                &self.identifier,
                self.include.identifier,
                self.quote.identifier,
            ),
        ];
        parts
            .into_iter()
            .filter(|(_, included, _)| *included)
            .filter_map(|(part, _, quoted)| Some((part.as_deref()?, quoted)))
    }

    fn subquery_alias(&self, what: &str) -> String {
        match self.alias_required {
            true => format!(" _dbt_{what}_subq_{}", self.name()),
            false => String::new(),
        }
    }
}

impl EventTime {
    /// `None` where both sides are open.
    fn condition(&self) -> Option<String> {
        let field = &self.field;
        let from = |start| format!("{field} >= '{start}'");
        let to = |end| format!("{field} < '{end}'");
        match (&self.start, &self.end) {
            (Some(start), Some(end)) => Some(format!("{} and {}", from(start), to(end))),
            (Some(start), None) => Some(from(start)),
            (None, Some(end)) => Some(to(end)),
            (None, None) => None,
        }
    }
}

/// A relation's name in the form in which names are compared; absent parts are empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelationKey {
    pub database: String,
    pub schema: String,
    pub identifier: String,
}

/// Whether two names are one to the warehouse.
pub fn same_name(a: &str, b: &str, dialect: &Dialect) -> bool {
    a == b || (!dialect.case_sensitive && a.to_lowercase() == b.to_lowercase())
}

/// The form in which names are compared.
pub fn fold(name: &str, dialect: &Dialect) -> String {
    match dialect.case_sensitive {
        true => name.to_string(),
        false => name.to_lowercase(),
    }
}

impl PartialEq for Relation {
    fn eq(&self, other: &Self) -> bool {
        self.database == other.database
            && self.schema == other.schema
            && self.identifier == other.identifier
            && self.kind == other.kind
            && self.quote == other.quote
            && self.include == other.include
            && self.external == other.external
            && self.limit == other.limit
            && self.event_time == other.event_time
    }
}

impl Eq for Relation {}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render_read())
    }
}

impl fmt::Debug for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Relation {}>", self.render())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::dialect::DUCKDB;
    use crate::sql::dialect::POSTGRES;

    fn orders(dialect: &'static Dialect) -> Relation {
        Relation::new(dialect, Some("db"), Some("main"), Some("orders"))
    }

    #[test]
    fn parts_are_written_and_quoted_by_choice() {
        let r = orders(&DUCKDB);
        let rows = [
            (r.clone(), "\"db\".\"main\".\"orders\""),
            (r.without_identifier(), "\"db\".\"main\""),
            (r.including(|i| i.database = false), "\"main\".\"orders\""),
            (r.quoting(|q| q.schema = false), "\"db\".main.\"orders\""),
            (
                r.information_schema(Some("tables")),
                "\"db\".INFORMATION_SCHEMA.tables",
            ),
            (r.information_schema(None), "\"db\".INFORMATION_SCHEMA"),
            (Relation::cte(&DUCKDB, "x"), "__dbt__cte__x"),
            (Relation::new(&DUCKDB, None, None, None), ""),
        ];
        for (relation, expected) in rows {
            assert_eq!(relation.to_string(), expected);
        }
    }

    #[test]
    fn limits_and_windows_become_subqueries() {
        let mut r = orders(&DUCKDB);
        r.limit = Some(0);
        assert_eq!(
            r.to_string(),
            "(select * from \"db\".\"main\".\"orders\" where false limit 0)"
        );
        assert_eq!(r.render(), "\"db\".\"main\".\"orders\"");
        let mut r = orders(&POSTGRES);
        r.limit = Some(5);
        r.event_time = Some(EventTime {
            field: "ts".to_string(),
            start: Some("2024-01-01 00:00:00+00:00".to_string()),
            end: None,
        });
        assert_eq!(
            r.to_string(),
            "(select * from (select * from \"db\".\"main\".\"orders\" limit 5) _dbt_limit_subq_orders \
             where ts >= '2024-01-01 00:00:00+00:00') _dbt_et_filter_subq_orders"
        );
    }

    #[test]
    fn helping_names_are_shortened_before_their_suffix() {
        let named = |name: &str| Relation::new(&POSTGRES, None, None, Some(name));
        let long = "n".repeat(63);
        let rows = [
            ("orders".to_string(), "orders__dbt_tmp".to_string()),
            (long.clone(), format!("{}__dbt_tmp", &long[..54])),
            ("ü".repeat(30), format!("{}__dbt_tmp", "ü".repeat(27))),
            (
                format!("a{}", "ü".repeat(30)),
                format!("a{}__dbt_tmp", "ü".repeat(26)),
            ),
        ];
        for (name, expected) in rows {
            assert_eq!(named(&name).suffixed("__dbt_tmp").unwrap().name(), expected);
        }
        assert!(named("x").suffixed(&long.repeat(2)).is_err());
        let unlimited = orders(&DUCKDB).suffixed(&long).unwrap();
        assert_eq!(unlimited.name().len(), 69);
    }

    #[test]
    fn case_counts_where_the_warehouse_says_so() {
        let matches = |r: Relation| r.matches(Some("DB"), None, Some("Orders"));
        assert!(matches(orders(&DUCKDB)));
        assert!(!matches(orders(&POSTGRES)));
    }
}
