{{ config(materialized='table', indexes=[{'columns': ['id']}]) }}
select id from {{ ref('goods') }}
