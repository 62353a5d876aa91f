{# What a PostgreSQL database holds. A connection sees one database; asking for another one is refused. #}

{% macro postgres__information_schema_name(database) -%}
    {%- do adapter.verify_database(database) if database -%}
    information_schema
{%- endmacro %}

{% macro postgres__list_schemas(database) -%}
    {%- do adapter.verify_database(database) if database -%}
    {{ return(run_query('select distinct nspname from pg_namespace')) }}
{%- endmacro %}

{% macro postgres__check_schema_exists(information_schema, schema) -%}
    {%- do adapter.verify_database(information_schema.database) if information_schema.database -%}
    {{ return(run_query('select count(*) from pg_namespace where nspname = ' ~ postgres_literal(schema))) }}
{%- endmacro %}

{% macro postgres__list_relations_without_caching(schema_relation) -%}
    {%- set database = postgres_literal(schema_relation.database) -%}
    {%- set in_schema -%}
        where lower(pg_namespace.nspname) = lower({{ postgres_literal(schema_relation.schema) }})
    {%- endset -%}
    {%- set sql -%}
        select
            {{ database }} as database,
            pg_class.relname as name,
            pg_namespace.nspname as schema,
            case pg_class.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end as type
        from pg_class
        join pg_namespace on pg_namespace.oid = pg_class.relnamespace
        {{ in_schema }}
          and pg_class.relkind in ('r', 'p', 'v', 'm')
        union all
        select distinct {{ database }}, pg_proc.proname, pg_namespace.nspname, 'function'
        from pg_proc
        join pg_namespace on pg_namespace.oid = pg_proc.pronamespace
        {{ in_schema }}
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{# Temporary relations have no schema that anybody knows: they are the ones found by their bare name. #}
{% macro postgres__get_columns_in_relation(relation) -%}
    {%- set sql -%}
        select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
        from information_schema.columns
        where table_name = {{ postgres_literal(relation.identifier) }}
        {%- if relation.schema %}
          and table_schema = {{ postgres_literal(relation.schema) }}
        {%- endif %}
        order by ordinal_position
    {%- endset -%}
    {{ return(sql_convert_columns_in_relation(run_query(sql))) }}
{%- endmacro %}

{# Rows of the schema and name of a view, and of what it reads. #}
{% macro postgres__get_relations() -%}
    {%- set sql -%}
        select distinct
            view_schema.nspname as dependent_schema,
            view.relname as dependent_name,
            read_schema.nspname as referenced_schema,
            read.relname as referenced_name
        from pg_rewrite
        join pg_class as view on view.oid = pg_rewrite.ev_class
        join pg_namespace as view_schema on view_schema.oid = view.relnamespace
        join pg_depend
            on pg_depend.classid = 'pg_rewrite'::regclass
            and pg_depend.objid = pg_rewrite.oid
            and pg_depend.refclassid = 'pg_class'::regclass
            and pg_depend.refobjid <> view.oid
        join pg_class as read on read.oid = pg_depend.refobjid
        join pg_namespace as read_schema on read_schema.oid = read.relnamespace
        where read_schema.nspname <> 'information_schema'
          and left(read_schema.nspname, 3) <> 'pg_'
        order by 1, 2, 3, 4
    {%- endset -%}
    {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro postgres_get_relations() -%}
    {{ return(postgres__get_relations()) }}
{%- endmacro %}
