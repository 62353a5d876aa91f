{{ config(materialized='table') }}
select name, id, price from {{ ref('goods') }}
