//! Names: at most 63 bytes, kept as they are written, in the one database that is connected to.

use crate::home;

/// Two names that are one after 53 bytes, and so have helping relations of one name.
#[test]
fn long_names_share_their_helpers_and_not_their_rows() {
    let (one, other) = (
        format!("{}_one", "n".repeat(59)),
        format!("{}_two", "n".repeat(59)),
    );
    let Some(home) = home(
        "long_names",
        &format!(
            "--- models/{one}.sql
{{{{ config(materialized='table', indexes=[{{'columns': ['id']}}]) }}}}
select 1 as id
--- models/{other}.sql
{{{{ config(materialized='table', indexes=[{{'columns': ['id']}}]) }}}}
select 2 as id
--- models/ü{}.sql
{{{{ config(materialized='incremental', unique_key='id') }}}}
select 3 as id
--- models/v{}.sql
select 4 as id
",
            "ü".repeat(30),
            "v".repeat(62),
        ),
    ) else {
        return;
    };
    for _ in 0..3 {
        home.project.succeed("build");
        assert_eq!(
            home.relations(),
            format!(
                "{one} rp, {other} rp, {} vp, {} rp",
                "v".repeat(63),
                "ü".repeat(31)
            )
        );
        assert_eq!(home.sql(&format!("select id from {{s}}.{one}")), "1");
        assert_eq!(home.sql(&format!("select id from {{s}}.{other}")), "2");
    }
}

/// The server would cut both names to the same 63 bytes.
#[test]
fn a_name_that_would_be_cut_short_is_refused() {
    let name = "n".repeat(63);
    let Some(home) = home(
        "too_long",
        &format!(
            "--- models/{name}_one.sql
select 1 as id
--- models/{name}_two.sql
select 2 as id
--- models/short.sql
{{{{ config(alias='{name}') }}}}
select 3 as id
"
        ),
    ) else {
        return;
    };
    let failed = home.project.call("run");
    assert_eq!(failed.code, 1);
    let said = failed.all();
    for ending in ["one", "two"] {
        let told = format!("Relation name '{name}_{ending}' is longer than 63 characters");
        assert!(said.contains(&told), "{said}");
    }
    assert!(said.contains("shorter name in the warehouse: `alias`"));
    assert_eq!(home.relations(), format!("{name} vp"));
}

#[test]
fn names_keep_their_case_and_their_odd_letters() {
    let Some(home) = home(
        "Odd \"Schema",
        "--- models/a.sql
{{ config(alias='Mixed Case \"x\"', materialized='table', persist_docs={'columns': true}) }}
select 1 as \"Id\", 2 as id
--- models/b.sql
{{ config(alias='other', materialized='incremental', unique_key='id') }}
select * from {{ ref('a') }}
--- models/s.yml
models:
  - name: a
    columns:
      - {name: Id, quote: true, description: big}
      - {name: id, description: \"it's small\"}
",
    ) else {
        return;
    };
    for _ in 0..2 {
        home.project.succeed("build");
    }
    let quoted = "select count(*) from \"Odd \"\"Schema\".\"{n}\"";
    for name in ["Mixed Case \"\"x\"\"", "other"] {
        assert_eq!(home.server.sql(&quoted.replace("{n}", name)), "1");
    }
    assert_eq!(
        home.server.sql(
            "select string_agg(attname || ':' || col_description(attrelid, attnum), ',' order by attnum)
             from pg_attribute where attrelid = '\"Odd \"\"Schema\".\"Mixed Case \"\"x\"\"\"'::regclass and attnum > 0"
        ),
        "Id:big,id:it's small"
    );
}

#[test]
fn another_database_is_out_of_reach() {
    let Some(home) = home(
        "here",
        "--- models/a.sql
select * from {{ source('elsewhere', 't') }}
--- models/b.sql
{{ config(database='elsewhere', enabled=var('there', false)) }}
select 1 as id
--- models/s.yml
sources:
  - {name: elsewhere, database: elsewhere, schema: public, tables: [{name: t}]}
",
    ) else {
        return;
    };
    let read = home.project.call("run");
    assert_eq!(read.code, 1, "{}", read.all());
    assert!(
        read.all()
            .contains("cross-database references are not implemented"),
        "{}",
        read.all()
    );
    let written = home.project.call("run --vars '{there: true}'");
    assert_eq!(written.code, 2, "{}", written.all());
    assert!(
        written
            .all()
            .contains("Cross-db references not allowed in postgres (elsewhere vs shop)"),
        "{}",
        written.all()
    );
}
