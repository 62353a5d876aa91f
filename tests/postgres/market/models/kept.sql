{{ config(materialized='materialized_view', indexes=[{'columns': ['id'], 'unique': true}]) }}
select id, name, price from {{ ref('merged') }}
