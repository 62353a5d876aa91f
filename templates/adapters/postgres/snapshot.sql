{# Snapshots: an update and an insert, which every version of PostgreSQL has. #}

{% macro postgres__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set columns = get_snapshot_table_column_names() -%}
    {%- set names = insert_cols | join(', ') -%}

    update {{ target.render() }} as DBT_INTERNAL_TARGET
    set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
    from {{ source }} as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }}::text = DBT_INTERNAL_TARGET.{{ columns.dbt_scd_id }}::text
      and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
      and {{ snapshot_is_current('DBT_INTERNAL_TARGET.' ~ columns.dbt_valid_to) }};

    insert into {{ target.render() }} ({{ names }})
    select {{ names }}
    from {{ source }}
    where dbt_change_type = 'insert'
{%- endmacro %}

{# The session outlives the snapshot, and its temporary tables with it. #}
{% macro postgres__post_snapshot(staging_relation) -%}
    {%- do adapter.drop_relation(staging_relation) -%}
{%- endmacro %}
