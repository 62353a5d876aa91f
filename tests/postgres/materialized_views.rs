//! Materialized views: refreshed, altered in place, replaced; and what a changed setting may do.

use crate::Home;
use crate::home;

fn view(schema: &str, setting: &str) -> Option<Home> {
    home(
        schema,
        &format!(
            "--- models/source.sql
{{{{ config(materialized='incremental') }}}}
select 1 as id, 'x' as name
--- models/mv.sql
{{{{ config(materialized='materialized_view', indexes=var('indexes', []){setting}) }}}}
select id, name from {{{{ ref('source') }}}}
"
        ),
    )
}

fn oid(home: &Home) -> String {
    home.sql("select '{s}.mv'::regclass::oid")
}

const ONE: &str = "--vars '{indexes: [{columns: [id], unique: false}, {columns: [lower(name)]}]}'";
const OTHER: &str =
    "--vars '{indexes: [{columns: [id], type: hash}, {columns: [lower(name)], type: btree}]}'";

#[test]
fn it_is_refreshed_until_it_is_made_anew() {
    let Some(home) = view("refreshed", "") else {
        return;
    };
    home.project.succeed("build");
    let first = oid(&home);
    home.sql("insert into {s}.source values (2, 'y')");
    assert_eq!(home.sql("select count(*) from {s}.mv"), "1");
    home.project.succeed("run --select mv");
    assert_eq!(home.sql("select count(*) from {s}.mv"), "2");
    assert_eq!(oid(&home), first);
    home.project.succeed("run --select mv --full-refresh");
    assert_ne!(oid(&home), first);
}

#[test]
fn its_indexes_follow_the_configuration() {
    let Some(home) = view("altered", "") else {
        return;
    };
    home.project.succeed(&format!("build {ONE}"));
    let first = oid(&home);
    // `pg_indexes` would look at those of other tests too, which may be dropped while it does.
    let named = "select indexrelid::regclass from pg_index where indrelid = '{s}.mv'::regclass \
                 and indexprs is not null";
    let kept = home.sql(named);
    assert_eq!(
        home.indexes("mv"),
        "CREATE USING btree (id); CREATE USING btree (lower(name))"
    );
    home.project.succeed(&format!("run --select mv {OTHER}"));
    assert_eq!(
        home.indexes("mv"),
        "CREATE USING btree (lower(name)); CREATE USING hash (id)"
    );
    assert_eq!(home.sql(named), kept, "what is as configured stays");
    assert_eq!(oid(&home), first);
    home.project.succeed(&format!("run --select mv {OTHER}"));
    assert_eq!(home.sql(named), kept);
}

#[test]
fn a_change_may_be_left_or_refused() {
    let left = view("left_alone", ", on_configuration_change='continue'");
    let refused = view("refused", ", on_configuration_change='fail'");
    let (Some(left), Some(refused)) = (left, refused) else {
        return;
    };
    for home in [&left, &refused] {
        home.project.succeed(&format!("build {ONE}"));
    }
    let warned = left.project.succeed(&format!("run --select mv {OTHER}"));
    assert!(
        warned
            .all()
            .contains("`on_configuration_change` was set to `continue`"),
        "{}",
        warned.all()
    );
    let failed = refused.project.call(&format!("run --select mv {OTHER}"));
    assert_eq!(failed.code, 1);
    assert!(
        failed
            .all()
            .contains("`on_configuration_change` was set to `fail`"),
        "{}",
        failed.all()
    );
    for home in [&left, &refused] {
        let indexes = home.indexes("mv");
        assert!(indexes.starts_with("CREATE USING btree (id)"), "{indexes}");
    }
}

/// Dropping a table takes the views over it along, and they are made again in the same run.
#[test]
fn it_comes_back_when_its_table_is_rebuilt() {
    let Some(home) = home(
        "comes_back",
        "--- models/t.sql
{{ config(materialized='table') }}
select 1 as id
--- models/mv.sql
{{ config(materialized='materialized_view', indexes=[{'columns': ['id']}]) }}
select id from {{ ref('t') }}
--- models/v.sql
select id from {{ ref('mv') }}
",
    ) else {
        return;
    };
    for _ in 0..3 {
        home.project.succeed("build");
        assert_eq!(home.relations(), "mv mp, t rp, v vp");
        assert_eq!(home.indexes("mv"), "CREATE USING btree (id)");
    }
}
