//! Writes a project of a wanted size: staging views over a source, marts that join two of them, two tests for
//! each model. Promise: the same size gives the same bytes.

use std::fmt::Write;
use std::fs::File;
use std::fs::create_dir;
use std::io;
use std::path::Path;

pub(crate) const PROJECT: &str = "bench";

/// Each model and its two tests.
const NODES_PER_MODEL: usize = 3;
/// Models that a file of properties describes.
const MODELS_PER_FILE: usize = 50;

const SETTINGS: &str = "name: bench
profile: bench
vars: {first_day: '2024-01-01'}
models: {bench: {+tags: [daily]}}
";
const PROFILES: &str = "bench:
  target: dev
  outputs: {dev: {type: duckdb, path: ':memory:', schema: main}}
";
const MACROS: &str = "{% macro key(fields) -%}
  md5({% for field in fields %}cast({{ field }} as varchar){{ ' || ' if not loop.last }}{% endfor %})
{%- endmacro %}
";
const STAGE: &str = "{{ config(materialized='view') }}
select id, {{ key(['id', 'region']) }} as row_key, amount / 100 as amount, region
from raw.orders
where created_at >= '{{ var('first_day') }}'
";
/// What a mart looks like, with the two models that it reads.
pub(crate) const MART: &str = "{{ config(materialized='table') }}
with orders as (select * from {{ ref('stage_0') }}), others as (select * from {{ ref('stage_1') }})
select
  orders.id,
  {% for region in ['emea', 'apac', 'amer'] -%}
  sum(case when orders.region = '{{ region }}' then orders.amount end) as {{ region }}_amount,
  {% endfor -%}
  {{ key(['orders.id', 'others.id']) }} as row_key
from orders join others on orders.id = others.id
group by orders.id, others.id
";

/// Fills a folder with a project of so many nodes, a few more or less.
pub(crate) fn project(folder: &Path, nodes: usize) -> io::Result<()> {
    put(folder, "dbt_project.yml", SETTINGS)?;
    put(folder, "profiles.yml", PROFILES)?;
    create_dir(folder.join("macros"))?;
    put(folder, "macros/key.sql", MACROS)?;
    create_dir(folder.join("models"))?;
    let models: Vec<String> = (0..nodes / NODES_PER_MODEL).map(name).collect();
    for (number, name) in models.iter().enumerate() {
        put(folder, &format!("models/{name}.sql"), &code(number))?;
    }
    for (number, described) in models.chunks(MODELS_PER_FILE).enumerate() {
        put(
            folder,
            &format!("models/{number}.yml"),
            &properties(described),
        )?;
    }
    Ok(())
}

/// Every other model is a mart.
fn name(number: usize) -> String {
    match number % 2 {
        0 => format!("stage_{}", number / 2),
        _ => format!("mart_{}", number / 2),
    }
}

fn code(number: usize) -> String {
    let own = number / 2;
    match number % 2 {
        0 => STAGE.to_string(),
        _ => MART
            .replace("stage_0", &format!("stage_{own}"))
            .replace("stage_1", &format!("stage_{}", own / 2)),
    }
}

fn properties(models: &[String]) -> String {
    let mut text = "models:\n".to_string();
    for name in models {
        let _ = write!(
            text,
            "  - name: {name}\n    description: What {name} holds.\n    columns:\n      \
             - name: id\n        description: The key.\n        data_tests: [unique, not_null]\n"
        );
    }
    text
}

fn put(folder: &Path, path: &str, text: &str) -> io::Result<()> {
    io::Write::write_all(&mut File::create(folder.join(path))?, text.as_bytes())
}
