{{ config(materialized='table', event_time='seen_at') }}
select id, seen_at, price from {{ ref('goods') }}
