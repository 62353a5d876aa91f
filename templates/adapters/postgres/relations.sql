{# Schemas, tables and views as PostgreSQL spells them. A connection sees one database, so names of schemas go without it. #}

{% macro postgres__create_schema(relation) -%}
    {%- do adapter.verify_database(relation.database) if relation.database -%}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation.without_identifier().include(database=False) }}
    {%- endcall -%}
{%- endmacro %}

{% macro postgres__drop_schema(relation) -%}
    {%- do adapter.verify_database(relation.database) if relation.database -%}
    {%- call statement('drop_schema') -%}
        drop schema if exists {{ relation.without_identifier().include(database=False) }} cascade
    {%- endcall -%}
{%- endmacro %}


{# CREATE TABLE AS takes no constraints, so under a contract the table is created first and then filled. #}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set is_contracted = config.get('contract').enforced -%}
    {%- set kind = 'temporary ' if temporary else 'unlogged ' if config.get('unlogged') else '' -%}
    {%- set name = relation.include(database=(not temporary), schema=(not temporary)) -%}

    {{ config.get('sql_header') or '' }}
    {{- get_assert_columns_equivalent(sql) if is_contracted }}
    {%- if is_contracted and not temporary %}
    create {{ kind }}table {{ name }}
    {{ get_table_columns_and_constraints() }};
    insert into {{ name }} ({{ adapter.dispatch('get_column_names', 'dbt')() }})
    (
        {{ get_select_subquery(sql) }}
    );
    {%- else %}
    create {{ kind }}table {{ name }}
    as (
        {{ sql }}
    );
    {%- endif -%}
{%- endmacro %}


{# Data definition is part of the transaction: the old relation can go before the new one takes its name, and a failure
   brings it back. Nothing is left to be dropped after the commit. #}
{% macro postgres__swap_relation(existing_relation, backup_relation, intermediate_relation, target_relation) -%}
    {%- if existing_relation is not none -%}
        {%- call statement('drop_replaced') -%}
            {{ get_drop_sql(existing_relation) }}
        {%- endcall -%}
        {%- do adapter.cache_dropped(existing_relation) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}
{%- endmacro %}
