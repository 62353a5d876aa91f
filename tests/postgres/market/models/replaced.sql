{{ config(materialized='incremental', unique_key=['id', 'part'], indexes=[{'columns': ['id']}], on_schema_change='sync_all_columns') }}
select id, 'x' as part, name{% if is_incremental() %}, price{% else %}, code{% endif %} from {{ ref('goods') }}
