{# Indexes: `columns`, and optionally `unique` and `type` (the access method). #}

{# The name holds the time as well: while a table is rebuilt, the indexes of the old one still have theirs. #}
{% macro postgres__get_create_index_sql(relation, index_dict) -%}
    {%- set index = adapter.parse_index(index_dict) -%}
    {%- set columns = index.columns | join(', ') -%}
    {%- set now = modules.datetime.datetime.utcnow().isoformat() -%}
    {%- set name = local_md5([relation.render(), columns, index.unique, index.type, now] | join('_')) -%}
    create {{ 'unique ' if index.unique }}index {{ adapter.quote(name) }}
    on {{ relation.render() }} {{ 'using ' ~ index.type if index.type }}
    ({{ columns }})
{%- endmacro %}

{% macro postgres__get_drop_index_sql(relation, index_name) -%}
    drop index if exists {{ relation.incorporate(path={'identifier': index_name}).include(database=False) }}
{%- endmacro %}

{# Rows of name, method, unique and column_names; a column may be an expression, spelled as PostgreSQL stores it. #}
{% macro postgres__get_show_indexes_sql(relation) -%}
    select
        index_class.relname as name,
        access_method.amname as method,
        pg_index.indisunique as "unique",
        array_to_string(
            array(
                select pg_get_indexdef(pg_index.indexrelid, key_number, true)
                from generate_series(1, pg_index.indnkeyatts) as key_number
            ),
            ','
        ) as column_names
    from pg_index
    join pg_class as index_class on index_class.oid = pg_index.indexrelid
    join pg_am as access_method on access_method.oid = index_class.relam
    join pg_class as indexed on indexed.oid = pg_index.indrelid
    join pg_namespace on pg_namespace.oid = indexed.relnamespace
    where pg_namespace.nspname = {{ postgres_literal(relation.schema) }}
      and indexed.relname = {{ postgres_literal(relation.identifier) }}
    order by 1
{%- endmacro %}
