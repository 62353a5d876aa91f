{# Schemas, tables, views and indexes as DuckDB spells them. #}

{# Databases attached from elsewhere (SQLite, say) have schemas but cannot make any: asked only for what is missing. #}
{% macro duckdb__create_schema(relation) -%}
    {%- if not adapter.check_schema_exists(relation.database, relation.schema) -%}
        {%- call statement('create_schema') -%}
            create schema if not exists {{ relation.without_identifier() }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__drop_schema(relation) -%}
    {%- call statement('drop_schema') -%}
        drop schema if exists {{ relation.without_identifier() }} cascade
    {%- endcall -%}
{%- endmacro %}


{# Temporary relations live in a database of their own, found by their bare name. #}
{% macro duckdb__make_temp_relation(base_relation, suffix) -%}
    {%- set relation = base_relation.incorporate(path={'identifier': base_relation.identifier ~ suffix}, type='table') -%}
    {{ return(relation.include(database=false, schema=false)) }}
{%- endmacro %}

{# One per batch: batches of a microbatch model run side by side. #}
{% macro duckdb__dispatch_temporary_relation(target_relation, batch_id='') -%}
    {{ return(make_temp_relation(target_relation, '__dbt_tmp' ~ ('_' ~ batch_id if batch_id))) }}
{%- endmacro %}

{# CREATE TABLE AS takes neither columns nor constraints, so under a contract the table is created first and then
   filled; likewise where partitions or a sort order have to be in place before the first row. #}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- set partitioned_by = partitioned_by or duckdb__get_partitioned_by(relation, temporary) -%}
    {%- set sorted_by = sorted_by or duckdb__get_sorted_by(relation, temporary) -%}
    {%- set contracted = config.get('contract').enforced and not temporary -%}
    {%- set name = relation.include(database=(not temporary), schema=(not temporary)) -%}
    {%- set create = 'create or replace temporary table' if temporary else 'create table' -%}

    {%- if language == 'python' -%}
        {{ py_write_table(temporary, relation, compiled_code, partitioned_by, sorted_by) }}
    {%- elif language != 'sql' -%}
        {%- do exceptions.raise_compiler_error('DuckDB cannot build a table from the language `' ~ language ~ '`') -%}
    {%- else -%}
    {{ config.get('sql_header') or '' }}
    {%- if contracted %}
    {{ get_assert_columns_equivalent(compiled_code) }}
    {{ create }} {{ name }}
    {{ get_table_columns_and_constraints() }};
    {{ duckdb__alter_table_set_partitioned_by(name, partitioned_by) if partitioned_by }}
    {{ duckdb__alter_table_set_sorted_by(name, sorted_by) if sorted_by }}
    insert into {{ name }} {{ get_column_names() }} (
        {{ get_select_subquery(compiled_code) }}
    );
    {%- elif partitioned_by or sorted_by %}
    {{ create }} {{ name }} as (
        {{ get_empty_subquery_sql(compiled_code) }}
    );
    {{ duckdb__alter_table_set_partitioned_by(name, partitioned_by) if partitioned_by }}
    {{ duckdb__alter_table_set_sorted_by(name, sorted_by) if sorted_by }}
    insert into {{ name }} (
        {{ compiled_code }}
    );
    {%- else %}
    {{ create }} {{ name }} as (
        {{ compiled_code }}
    );
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# The declared columns as the list after INSERT INTO. #}
{% macro get_column_names() -%}
    ({{ adapter.dispatch('get_column_names', 'dbt')() }})
{%- endmacro %}

{% macro duckdb__create_view_as(relation, sql) -%}
    {%- set contract = config.get('contract') -%}

    {{ config.get('sql_header') or '' }}
    {%- if contract.enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create view {{ relation.render() }} as (
        {{ sql }}
    );
{%- endmacro %}

{# External models are known to the cache as what they are, and to DuckDB as views over their files. #}
{% macro duckdb__get_drop_sql(relation) -%}
    drop {{ 'view' if relation.type == 'external' else relation.type or 'table' }} if exists {{ relation.render() }} cascade
{%- endmacro %}

{% macro duckdb__drop_relation(relation) -%}
    {%- call statement('drop_relation', auto_begin=False) -%}
        {{ get_drop_sql(relation) }}
    {%- endcall -%}
{%- endmacro %}

{# A table with indexes cannot be renamed. #}
{% macro duckdb__rename_relation(from_relation, to_relation) -%}
    {%- if from_relation.type == 'table' -%}
        {%- do drop_indexes_on_relation(from_relation) -%}
    {%- endif -%}
    {%- call statement('rename_relation') -%}
        alter {{ from_relation.type }} {{ from_relation.render() }} rename to {{ adapter.quote_as_configured(to_relation.identifier, 'identifier') }}
    {%- endcall -%}
{%- endmacro %}


{# DuckDB alters one thing per statement, and no column of a table that has indexes: those are built anew after. #}
{% macro duckdb__alter_relation_add_remove_columns(relation, add_columns, remove_columns) -%}
    {%- if remove_columns -%}
        {%- do drop_indexes_on_relation(relation) -%}
    {%- endif -%}
    {%- for column in add_columns or [] -%}
        {%- do run_query('alter table ' ~ relation.render() ~ ' add column ' ~ column.quoted ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {%- for column in remove_columns or [] -%}
        {%- do run_query('alter table ' ~ relation.render() ~ ' drop column ' ~ column.quoted) -%}
    {%- endfor -%}
    {%- if remove_columns -%}
        {%- do create_indexes(relation) -%}
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__alter_column_type(relation, column_name, new_column_type) -%}
    {%- do drop_indexes_on_relation(relation) -%}
    {%- do run_query('alter table ' ~ relation.render() ~ ' alter column ' ~ adapter.quote(column_name) ~ ' type ' ~ new_column_type) -%}
    {%- do create_indexes(relation) -%}
{%- endmacro %}


{# The name is made from what the index is: the same model gives the same index each time. #}
{% macro duckdb__get_create_index_sql(relation, index_dict) -%}
    {%- if not index_dict.columns -%}
        {%- do exceptions.raise_compiler_error('an index of ' ~ relation.render() ~ ' names no `columns`') -%}
    {%- endif -%}
    {%- set unique = 'unique ' if index_dict.unique else '' -%}
    {%- set columns = index_dict.columns | join(', ') -%}
    {%- set name = local_md5(relation.render() ~ '/' ~ unique ~ columns) -%}
    create {{ unique }}index {{ adapter.quote(name) }} on {{ relation.render() }} ({{ columns }})
{%- endmacro %}

{% macro duckdb__get_show_indexes_sql(relation) -%}
    select index_name
    from duckdb_indexes()
    where lower(database_name) = lower('{{ relation.database }}')
      and lower(schema_name) = lower('{{ relation.schema }}')
      and lower(table_name) = lower('{{ relation.identifier }}')
{%- endmacro %}

{% macro duckdb__get_drop_index_sql(relation, index_name) -%}
    drop index {{ relation.incorporate(path={'identifier': index_name}).render() }}
{%- endmacro %}

{% macro drop_indexes_on_relation(relation) -%}
    {%- for row in run_query(get_show_indexes_sql(relation)) -%}
        {%- do run_query(get_drop_index_sql(relation, row[0])) -%}
    {%- endfor -%}
{%- endmacro %}

{# DuckDB has no privileges. #}
{% macro duckdb__apply_grants(relation, grant_config, should_revoke=True) -%}
{%- endmacro %}
