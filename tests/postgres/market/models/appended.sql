{{ config(materialized='incremental') }}
select id, name from {{ ref('goods') }}
{% if is_incremental() %}where id > (select max(id) from {{ this }}) - 1{% endif %}
