-- A model is a query. This one needs no other data; `config` overrules dbt_project.yml.
{{ config(materialized='table') }}

select 1 as order_id, date '2024-01-01' as ordered_on, 12.50 as amount
union all
select 2, date '2024-01-01', 8.00
union all
select 3, date '2024-01-02', 20.25
