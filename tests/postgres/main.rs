//! Whole projects on a real PostgreSQL: what is special about it beyond the adapter contract.
#![cfg(all(feature = "postgres", unix))]
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]
#![expect(clippy::disallowed_methods, reason = "a test reads the server's log")]

mod debug;
mod example;
mod faults;
mod materialized_views;
mod models;
mod names;
mod round_trips;
#[path = "../support/mod.rs"]
mod support;
mod surroundings;

use crate::support::postgres::Cluster;
use crate::support::postgres::cluster;
use crate::support::project::TestProject;

/// A project in a schema of its own, and the server it is on.
struct Home {
    server: &'static Cluster,
    schema: String,
    project: TestProject,
}

/// `None` where the machine has no PostgreSQL.
fn home(schema: &str, files: &str) -> Option<Home> {
    let server = cluster()?;
    let project = TestProject::new(files);
    project.add(&server.profiles_file(schema, 2));
    Some(Home {
        server,
        schema: schema.to_string(),
        project,
    })
}

impl Home {
    /// What a query gives; `{s}` stands for the schema.
    fn sql(&self, text: &str) -> String {
        self.server.sql(&text.replace("{s}", &self.schema))
    }

    /// Every relation of the schema with its kind, sorted.
    fn relations(&self) -> String {
        self.sql(
            "select string_agg(relname || ' ' || relkind::text || relpersistence::text, ', ' order by relname)
             from pg_class where relnamespace = '{s}'::regnamespace and relkind in ('r', 'v', 'm')",
        )
    }

    /// The definitions of a relation's indexes, without their names and in order.
    fn indexes(&self, relation: &str) -> String {
        let query =
            "select string_agg(regexp_replace(indexdef, ' INDEX \\S+ ON \\S+', ''), '; ' order by
            regexp_replace(indexdef, ' INDEX \\S+ ON \\S+', '')) from pg_indexes
            where schemaname = '{s}' and tablename = '{r}'";
        self.sql(&query.replace("{r}", relation))
    }
}
