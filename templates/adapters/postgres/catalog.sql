{# The catalog: one row per column of the wanted relations, with its relation's type, owner and comment. #}

{% macro postgres__get_catalog(information_schema, schemas) -%}
    {%- set wanted = [] -%}
    {%- for schema in schemas -%}
        {%- do wanted.append('lower(pg_namespace.nspname) = lower(' ~ postgres_literal(schema) ~ ')') -%}
    {%- endfor -%}
    {{ return(run_query(postgres__get_catalog_sql(information_schema, wanted))) }}
{%- endmacro %}

{% macro postgres__get_catalog_relations(information_schema, relations) -%}
    {%- set wanted = [] -%}
    {%- for relation in relations -%}
        {%- do wanted.append(
            '(lower(pg_namespace.nspname) = lower(' ~ postgres_literal(relation.schema) ~ ')'
            ~ (' and lower(pg_class.relname) = lower(' ~ postgres_literal(relation.identifier) ~ ')' if relation.identifier) ~ ')'
        ) -%}
    {%- endfor -%}
    {{ return(run_query(postgres__get_catalog_sql(information_schema, wanted))) }}
{%- endmacro %}

{# Conditions of which one must hold; none holds where nothing is wanted. #}
{% macro postgres__get_catalog_sql(information_schema, wanted) -%}
    {%- set database = information_schema.database -%}
    {%- do adapter.verify_database(database) -%}
    select
        {{ postgres_literal(database) }} as table_database,
        pg_namespace.nspname as table_schema,
        pg_class.relname as table_name,
        case pg_class.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end as table_type,
        obj_description(pg_class.oid, 'pg_class') as table_comment,
        pg_attribute.attname as column_name,
        pg_attribute.attnum as column_index,
        format_type(pg_attribute.atttypid, pg_attribute.atttypmod) as column_type,
        col_description(pg_class.oid, pg_attribute.attnum) as column_comment,
        pg_get_userbyid(pg_class.relowner) as table_owner
    from pg_class
    join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    join pg_attribute on pg_attribute.attrelid = pg_class.oid
    where ({{ wanted | join(' or ') or 'false' }})
      and pg_class.relkind in ('r', 'p', 'f', 'v', 'm')
      and pg_class.relpersistence <> 't'
      and pg_attribute.attnum > 0
      and not pg_attribute.attisdropped
    order by pg_namespace.nspname, pg_class.relname, pg_attribute.attnum
{%- endmacro %}
