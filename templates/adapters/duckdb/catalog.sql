{# The catalog: one row per column of the wanted relations, with its relation's type and comment. #}

{% macro duckdb__get_catalog(information_schema, schemas) -%}
    {{ return(run_query(duckdb__get_catalog_sql(information_schema, duckdb__get_catalog_schemas_where_clause_sql(schemas)))) }}
{%- endmacro %}

{% macro duckdb__get_catalog_relations(information_schema, relations) -%}
    {{ return(run_query(duckdb__get_catalog_sql(information_schema, duckdb__get_catalog_relations_where_clause_sql(relations)))) }}
{%- endmacro %}

{% macro duckdb__get_catalog_sql(information_schema, where_clause) -%}
    with tables as (
        select * from ({{ duckdb__get_catalog_tables_sql(information_schema) }}) as relation
        {{ where_clause }}
    ),

    columns as (
        select * from ({{ duckdb__get_catalog_columns_sql(information_schema) }}) as relation
        {{ where_clause }}
    )

    {{ duckdb__get_catalog_results_sql() }}
{%- endmacro %}

{% macro duckdb__get_catalog_tables_sql(information_schema) -%}
    select database_name, schema_name, table_name, 'BASE TABLE' as table_type, comment as table_comment
    from duckdb_tables()
    where lower(database_name) = lower('{{ information_schema.database }}')
    union all
    select database_name, schema_name, view_name, 'VIEW', comment
    from duckdb_views()
    where lower(database_name) = lower('{{ information_schema.database }}') and not internal
{%- endmacro %}

{% macro duckdb__get_catalog_columns_sql(information_schema) -%}
    select database_name, schema_name, table_name, column_name, column_index, data_type as column_type, comment as column_comment
    from duckdb_columns()
    where lower(database_name) = lower('{{ information_schema.database }}')
{%- endmacro %}

{% macro duckdb__get_catalog_results_sql() -%}
    select
        tables.database_name as table_database,
        tables.schema_name as table_schema,
        tables.table_name,
        tables.table_type,
        tables.table_comment,
        columns.column_name,
        columns.column_index,
        columns.column_type,
        columns.column_comment,
        null as table_owner
    from tables
    join columns using (database_name, schema_name, table_name)
    order by table_database, table_schema, tables.table_name, columns.column_index
{%- endmacro %}

{% macro duckdb__get_catalog_schemas_where_clause_sql(schemas) -%}
    where lower(schema_name) in (
        {%- for schema in schemas %}
        lower('{{ schema }}'){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro duckdb__get_catalog_relations_where_clause_sql(relations) -%}
    where (
        {%- for relation in relations %}
        (lower(schema_name) = lower('{{ relation.schema }}') and lower(table_name) = lower('{{ relation.identifier }}'))
        {{- ' or' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
