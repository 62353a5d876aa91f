//! Looks into the database of a project when nobody else has it open.

use crate::support::project::TestProject;
use duckdb::Connection;
use std::path::Path;

/// The rows of a query as text: cells with ` | ` between them, `null` for none.
pub(crate) fn rows(project: &TestProject, database: &str, query: &str) -> Vec<String> {
    query_rows(&open(project, database), query)
}

/// As `rows`, over a connection that is open.
pub(crate) fn query_rows(connection: &Connection, query: &str) -> Vec<String> {
    let as_text = format!("select cast(columns(*) as varchar) from ({query})");
    let mut statement = connection
        .prepare(&as_text)
        .unwrap_or_else(|e| panic!("{query}: {e}"));
    let mut rows = statement
        .query([])
        .unwrap_or_else(|e| panic!("{query}: {e}"));
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap_or_else(|e| panic!("{query}: {e}")) {
        let cells: Vec<String> = (0..row.as_ref().column_count())
            .map(|at| {
                let cell: Option<String> = row.get(at).expect("a text");
                cell.unwrap_or_else(|| "null".to_string())
            })
            .collect();
        found.push(cells.join(" | "));
    }
    found
}

/// Every relation of the database with its kind and number of rows, sorted, and then all its rows
/// where it is a table.
pub(crate) fn everything(project: &TestProject, database: &str) -> Vec<String> {
    let connection = open(project, database);
    let relations = query_rows(
        &connection,
        "select table_schema, table_name, table_type from information_schema.tables order by all",
    );
    let mut found = Vec::new();
    for relation in relations {
        found.push(relation.clone());
        let parts: Vec<&str> = relation.split(" | ").collect();
        let query = format!(
            "select * from \"{}\".\"{}\" order by all",
            parts[0], parts[1]
        );
        let rows = query_rows(&connection, &query);
        found.extend(rows.into_iter().map(|row| format!("  {row}")));
    }
    found
}

/// Relations that a call should not leave behind.
pub(crate) fn leftovers(project: &TestProject, database: &str) -> Vec<String> {
    rows(
        project,
        database,
        "select table_schema || '.' || table_name from information_schema.tables
         where table_name like '%\\_\\_dbt\\_%' escape '\\' order by 1",
    )
}

/// A database, opened by the library that the program brings.
pub(crate) fn connect(path: &Path) -> Connection {
    sqlmill::adapter::duckdb::load_library().expect("the library is beside the program");
    Connection::open(path).expect("the database opens")
}

/// Views that read files look for them in the project's folder.
pub(crate) fn open(project: &TestProject, database: &str) -> Connection {
    let connection = connect(&project.root.join(database));
    let setting = format!("set file_search_path = '{}'", project.root.display());
    connection.execute_batch(&setting).expect("a setting");
    connection
}
