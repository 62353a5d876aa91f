{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id', merge_update_columns=['name'],
    incremental_predicates=['DBT_INTERNAL_DEST.id > 1']) }}
select id, name{% if is_incremental() %} || '!'{% endif %} as name, price from {{ ref('goods') }} where id > 1
