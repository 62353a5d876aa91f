{# What a DuckDB database holds, read from its table functions. Names compare without case, as DuckDB compares them. #}

{% macro duckdb__list_schemas(database) -%}
    {%- set sql -%}
        select distinct schema_name
        from duckdb_schemas()
        where lower(database_name) = lower('{{ database | replace('"', '') }}')
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro duckdb__check_schema_exists(information_schema, schema) -%}
    {%- set sql -%}
        select count(*)
        from duckdb_schemas()
        where lower(database_name) = lower('{{ information_schema.database }}')
          and lower(schema_name) = lower('{{ schema }}')
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro duckdb__list_relations_without_caching(schema_relation) -%}
    {%- set in_schema -%}
        lower(database_name) = lower('{{ schema_relation.database }}') and lower(schema_name) = lower('{{ schema_relation.schema }}')
    {%- endset -%}
    {%- set sql -%}
        select '{{ schema_relation.database }}' as database, table_name as name, schema_name as schema, 'table' as type
        from duckdb_tables()
        where {{ in_schema }}
        union all
        select '{{ schema_relation.database }}', view_name, schema_name, 'view'
        from duckdb_views()
        where {{ in_schema }}
          and not internal
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro duckdb__get_columns_in_relation(relation) -%}
    {%- set sql -%}
        select column_name, column_type as data_type, null::bigint, null::bigint, null::bigint
        from (describe {{ relation.render() }})
    {%- endset -%}
    {{ return(sql_convert_columns_in_relation(run_query(sql))) }}
{%- endmacro %}

{# `describe` gives the columns of a query without running it. #}
{% macro duckdb__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
    {%- if select_sql_header is not none -%}
    {{ select_sql_header }}
    {%- endif %}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    limit 0
{% endmacro %}
