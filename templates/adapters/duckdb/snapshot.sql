{# Snapshots: an update and an insert, where the neutral way is one merge. A row that was deleted and comes back
   unchanged has the identity of a version that is there and closed; a merge would take it for known. #}

{% macro duckdb__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set columns = get_snapshot_table_column_names() -%}
    {%- set names = insert_cols | join(', ') -%}

    update {{ target.render() }} as DBT_INTERNAL_TARGET
    set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
    from {{ source }} as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_TARGET.{{ columns.dbt_scd_id }}
      and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
      and {{ snapshot_is_current('DBT_INTERNAL_TARGET.' ~ columns.dbt_valid_to) }};

    insert into {{ target.render() }} ({{ names }})
    select {{ names }}
    from {{ source }}
    where dbt_change_type = 'insert'
{%- endmacro %}

{% macro duckdb__post_snapshot(temporary_relation) -%}
    {%- do adapter.drop_relation(temporary_relation) -%}
{%- endmacro %}
