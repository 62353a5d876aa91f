//! The outline of a query: which names it defines, which relations it reads, which columns it gives.
//! Promise: text that the parser does not understand gives an outline that says so, never an error.
//! Not here: what the columns are made of (`analyse`), whether the relations exist.

use crate::sql::dialect::Dialect;
use crate::sql::dialect::Parser as Grammar;
use sqlparser::ast::Cte;
use sqlparser::ast::Expr;
use sqlparser::ast::Ident;
use sqlparser::ast::ObjectName;
use sqlparser::ast::Query as QueryTree;
use sqlparser::ast::SelectItem;
use sqlparser::ast::SetExpr;
use sqlparser::ast::Statement;
use sqlparser::ast::TableFactor;
use sqlparser::ast::Visit;
use sqlparser::ast::Visitor;
use sqlparser::parser::Parser;
use sqlparser::parser::ParserError;
use sqlparser::tokenizer::Location;
use std::ops::ControlFlow;
use std::ops::Range;

/// What can be said about a text without asking a warehouse.
#[derive(Debug)]
pub struct Query {
    /// The syntax trees, one per statement; empty where the text was not understood.
    pub tree: Vec<Statement>,
    /// Why the text was not understood; `None` where it was.
    pub opaque: Option<String>,
    /// Names defined by `with`, outermost query first, in order of appearance.
    pub ctes: Vec<Named>,
    /// Relations in `from` and `join`, in order of appearance, without names defined by `with`.
    pub relations: Vec<Read>,
    /// Columns of the last statement; `None` where they are not all plain (a star, no query).
    pub columns: Option<Vec<Column>>,
}

/// A name and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    /// Bytes counted from 0.
    pub place: Range<usize>,
}

/// A relation as the text names it: one to three parts, quotes taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub parts: Vec<String>,
    /// Bytes counted from 0.
    pub place: Range<usize>,
}

/// A column that a query gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// `None` where the warehouse makes up the name of an expression.
    pub name: Option<String>,
    /// Bytes of the name counted from 0; `None` without a name.
    pub place: Option<Range<usize>>,
}

/// How deep expressions and subqueries may nest before the text counts as not understood.
const DEPTH: usize = 100;

/// Outlines a text: with the warehouse's own grammar, then with the parser's widest.
pub fn parse(sql: &str, dialect: &Dialect) -> Query {
    let own: &dyn sqlparser::dialect::Dialect = match dialect.parser {
        Grammar::DuckDb => &sqlparser::dialect::DuckDbDialect {},
        Grammar::Postgres => &sqlparser::dialect::PostgreSqlDialect {},
    };
    let widest = sqlparser::dialect::GenericDialect {};
    match tree(sql, own).or_else(|e| tree(sql, &widest).map_err(|_| e)) {
        Ok(tree) => outline(sql, tree),
        Err(e) => Query {
            tree: Vec::new(),
            opaque: Some(e.to_string()),
            ctes: Vec::new(),
            relations: Vec::new(),
            columns: None,
        },
    }
}

fn tree(
    sql: &str,
    grammar: &dyn sqlparser::dialect::Dialect,
) -> Result<Vec<Statement>, ParserError> {
    Parser::new(grammar)
        .with_recursion_limit(DEPTH)
        .try_with_sql(sql)?
        .parse_statements()
}

fn outline(sql: &str, tree: Vec<Statement>) -> Query {
    let lines = Lines::of(sql);
    let mut walk = Walk {
        lines: &lines,
        scopes: Vec::new(),
        ctes: Vec::new(),
        relations: Vec::new(),
    };
    let ControlFlow::Continue(()) = tree.visit(&mut walk);
    let (ctes, relations) = (walk.ctes, walk.relations);
    let columns = match tree.last() {
        Some(Statement::Query(query)) => columns(&query.body, &lines),
        _ => None,
    };
    Query {
        opaque: None,
        ctes,
        relations,
        columns,
        tree,
    }
}

fn columns(body: &SetExpr, lines: &Lines) -> Option<Vec<Column>> {
    match body {
        SetExpr::Select(select) => {
            let items = select.projection.iter();
            items.map(|item| column(item, lines)).collect()
        }
        SetExpr::Query(query) => columns(&query.body, lines),
        SetExpr::SetOperation { left, .. } => columns(left, lines),
        _ => None,
    }
}

fn column(item: &SelectItem, lines: &Lines) -> Option<Column> {
    let name = match item {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last(),
        SelectItem::UnnamedExpr(_) => None,
        _ => return None,
    };
    Some(Column {
        name: name.map(|name| name.value.clone()),
        place: name.map(|name| lines.place(name)),
    })
}

/// Collects names while the trees are walked; knows which `with` names are in force.
struct Walk<'a> {
    lines: &'a Lines<'a>,
    scopes: Vec<Scope>,
    ctes: Vec<Named>,
    relations: Vec<Read>,
}

/// The names of one `with`, for as long as its query is walked.
struct Scope {
    names: Vec<String>,
    recursive: bool,
    /// Addresses of the queries that define the names, to notice when one is entered.
    bodies: Vec<*const QueryTree>,
    /// How many of the names may be used where the walk is now.
    in_force: usize,
}

impl Visitor for Walk<'_> {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, query: &QueryTree) -> ControlFlow<Self::Break> {
        if let Some(scope) = self.scopes.last_mut()
            && let Some(index) = scope.position(query)
        {
            scope.in_force = index + usize::from(scope.recursive);
        }
        let with = query.with.as_ref();
        let tables: &[Cte] = with.map_or(&[], |with| &with.cte_tables);
        self.ctes.extend(tables.iter().map(|cte| Named {
            name: cte.alias.name.value.clone(),
            place: self.lines.place(&cte.alias.name),
        }));
        self.scopes.push(Scope {
            names: tables
                .iter()
                .map(|cte| cte.alias.name.value.to_lowercase())
                .collect(),
            recursive: with.is_some_and(|with| with.recursive),
            bodies: tables.iter().map(|cte| &raw const *cte.query).collect(),
            in_force: 0,
        });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &QueryTree) -> ControlFlow<Self::Break> {
        self.scopes.pop();
        if let Some(scope) = self.scopes.last_mut()
            && let Some(index) = scope.position(query)
        {
            scope.in_force = index + 1;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Self::Break> {
        if let TableFactor::Table {
            name, args: None, ..
        } = factor
            && let Some(read) = self.read(name)
        {
            self.relations.push(read);
        }
        ControlFlow::Continue(())
    }
}

impl Walk<'_> {
    /// `None` for a name that `with` defines, for a file name and for a computed name.
    fn read(&self, name: &ObjectName) -> Option<Read> {
        let parts: Vec<&Ident> = name
            .0
            .iter()
            .map(|part| part.as_ident())
            .collect::<Option<_>>()?;
        let (first, last) = (parts.first()?, parts.last()?);
        if first.quote_style == Some('\'') || (parts.len() == 1 && self.is_defined(&first.value)) {
            return None;
        }
        Some(Read {
            place: self.lines.place(first).start..self.lines.place(last).end,
            parts: parts.into_iter().map(|part| part.value.clone()).collect(),
        })
    }

    fn is_defined(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let mut scopes = self.scopes.iter();
        scopes.any(|scope| scope.names[..scope.in_force].contains(&name))
    }
}

impl Scope {
    fn position(&self, query: &QueryTree) -> Option<usize> {
        let wanted: *const QueryTree = query;
        self.bodies.iter().position(|body| *body == wanted)
    }
}

/// Finds byte offsets for the parser's lines and columns.
struct Lines<'a> {
    sql: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn of(sql: &'a str) -> Self {
        let after_breaks = sql.match_indices('\n').map(|(at, _)| at + 1);
        Lines {
            sql,
            starts: std::iter::once(0).chain(after_breaks).collect(),
        }
    }

    fn place(&self, name: &Ident) -> Range<usize> {
        self.offset(name.span.start)..self.offset(name.span.end)
    }

    fn offset(&self, at: Location) -> usize {
        let line = (at.line as usize).saturating_sub(1);
        let Some(start) = self.starts.get(line) else {
            return self.sql.len();
        };
        let column = (at.column as usize).saturating_sub(1);
        let mut chars = self.sql[*start..].char_indices();
        chars
            .nth(column)
            .map_or(self.sql.len(), |(at, _)| start + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::dialect::DUCKDB;

    fn reads(sql: &str) -> Vec<String> {
        let query = parse(sql, &DUCKDB);
        assert_eq!(query.opaque, None, "{sql}");
        query
            .relations
            .iter()
            .map(|read| sql[read.place.clone()].to_string())
            .collect()
    }

    #[test]
    fn names_of_with_are_not_relations() {
        let rows = [
            (
                "select * from a.b join \"c\".\"d\".\"e\" using (id)",
                vec!["a.b", "\"c\".\"d\".\"e\""],
            ),
            ("with x as (select * from x) select * from x", vec!["x"]),
            (
                "with recursive x as (select 1 union all select * from x) select * from x",
                vec![],
            ),
            (
                "with x as (select 1), y as (select * from x join z) select * from Y",
                vec!["z"],
            ),
            (
                "select (select max(i) from é) from range(3), 'f.csv', t",
                vec!["é", "t"],
            ),
            (
                "select * from (with q as (select 1) select * from q) join q",
                vec!["q"],
            ),
        ];
        for (sql, expected) in rows {
            assert_eq!(reads(sql), expected, "{sql}");
        }
    }

    #[test]
    fn plain_columns_are_named() {
        let columns = |sql| {
            let query = parse(sql, &DUCKDB);
            let columns = query.columns?;
            Some(
                columns
                    .into_iter()
                    .map(|c| c.name.unwrap_or_default())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(
            columns("select a, t.b, c + 1 as \"D\", max(e) from t union all select 1, 2, 3, 4"),
            Some(vec!["a".into(), "b".into(), "D".into(), String::new()])
        );
        assert_eq!(columns("select *, 1 as one from t"), None);
    }

    #[test]
    fn the_unknown_is_opaque() {
        let query = parse("pivot t on (", &DUCKDB);
        assert!(query.opaque.is_some() && query.tree.is_empty());
    }
}
