{{ config(
    materialized='table',
    unlogged=true,
    indexes=[{'columns': ['id'], 'unique': true}, {'columns': ['name', 'price']}, {'columns': ['code'], 'type': 'hash'}],
    pre_hook="insert into {{ target.schema }}.hook_log values ('before', '{{ this.name }}')",
    post_hook=[after_commit('vacuum ' ~ this)]
) }}
select
    id,
    name,
    code,
    price,
    {{ dbt.dateadd('month', 3, 'since') }} as next_quarter,
    {{ dbt.datediff('since', "timestamp '2024-03-10 12:00:00'", 'week') }} as weeks,
    {{ dbt.datediff('since', "timestamp '2024-03-10 12:00:00'", 'hour') }} as hours,
    {{ dbt.datediff('seen_at', "timestamp '2024-01-05 00:00:01'", 'second') }} as seconds,
    {{ dbt.last_day('since', 'quarter') }} as quarter_end,
    {{ dbt.split_part('name', "' '", -1) }} as last_word,
    {{ dbt.hash('name') }} as hashed,
    {{ dbt.safe_cast('code', api.Column.translate_type('string')) }} as code_text
from {{ ref('goods') }}
