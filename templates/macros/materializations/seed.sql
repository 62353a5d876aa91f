{# A table loaded from a CSV file: emptied and loaded again, or created again on a full refresh. #}

{% materialization seed, default %}
    {%- set old_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set full_refresh_mode = should_full_refresh() -%}
    {%- set grant_config = config.get('grants') -%}
    {%- set agate_table = load_agate_table() -%}
    {%- set rows_affected = agate_table.rows | length -%}
    {%- do store_result('agate_table', response='OK', agate_table=agate_table) -%}

    {%- if old_relation is not none and old_relation.is_view -%}
        {%- do exceptions.raise_compiler_error("Cannot seed to '" ~ old_relation.render() ~ "', it is a view") -%}
    {%- endif -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if old_relation is none -%}
        {%- set create_or_truncate_sql = create_csv_table(model, agate_table) -%}
    {%- else -%}
        {%- set create_or_truncate_sql = reset_csv_table(model, full_refresh_mode, old_relation, agate_table) -%}
    {%- endif -%}
    {%- set insert_sql = load_csv_rows(model, agate_table) -%}

    {%- set code = 'CREATE' if full_refresh_mode else 'INSERT' -%}
    {%- call noop_statement('main', code ~ ' ' ~ rows_affected, code, rows_affected) -%}
        {{ get_csv_sql(create_or_truncate_sql, insert_sql) }}
    {%- endcall -%}

    {%- do apply_grants(target_relation, grant_config, should_revoke=should_revoke(old_relation, full_refresh_mode)) -%}
    {%- do persist_docs(target_relation, model) -%}
    {%- if full_refresh_mode or old_relation is none -%}
        {%- do create_indexes(target_relation) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Creates the table; types are configured per column or inferred from the rows. Gives the statement it ran. #}
{% macro create_csv_table(model, agate_table) -%}
    {{ adapter.dispatch('create_csv_table', 'dbt')(model, agate_table) }}
{%- endmacro %}

{% macro default__create_csv_table(model, agate_table) -%}
    {%- set column_types = model['config'].get('column_types') or {} -%}
    {%- set quote_columns = model['config'].get('quote_columns') -%}
    {%- set sql %}
        create table {{ this.render() }} (
            {%- for name in agate_table.column_names %}
            {{ adapter.quote_seed_column(name, quote_columns) }} {{ column_types.get(name) or adapter.convert_type(agate_table, loop.index0) }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    {%- endset -%}
    {%- call statement() -%}
        {{ sql }}
    {%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}

{# Makes the existing table ready to be loaded. Gives the statement it ran. #}
{% macro reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {{ adapter.dispatch('reset_csv_table', 'dbt')(model, full_refresh, old_relation, agate_table) }}
{%- endmacro %}

{% macro default__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- if full_refresh -%}
        {#- Not `adapter.drop_relation`, which begins no transaction: the old rows stay until the new ones are in. -#}
        {%- call statement() -%}
            {{ get_drop_sql(old_relation) }}
        {%- endcall -%}
        {%- do adapter.cache_dropped(old_relation) -%}
        {{ return(create_csv_table(model, agate_table)) }}
    {%- endif -%}
    {%- do adapter.truncate_relation(old_relation) -%}
    {{ return('truncate table ' ~ old_relation.render()) }}
{%- endmacro %}

{# Loads the rows. Gives the statement it ran, the first of them if there were several. #}
{% macro load_csv_rows(model, agate_table) -%}
    {{ adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table) }}
{%- endmacro %}

{% macro default__load_csv_rows(model, agate_table) -%}
    {%- set columns = get_seed_column_quoted_csv(model, agate_table.column_names) -%}
    {%- set statements = [] -%}
    {%- for chunk in agate_table.rows | batch(get_batch_size()) -%}
        {%- set bindings = [] -%}
        {%- set sql %}
            insert into {{ this.render() }} ({{ columns }}) values
            {%- for row in chunk %}
            {%- do bindings.extend(row) %}
            ({% for name in agate_table.column_names %}{{ get_binding_char() }}{{ ', ' if not loop.last }}{% endfor %}){{ ',' if not loop.last }}
            {%- endfor %}
        {%- endset -%}
        {%- do adapter.add_query(sql, bindings=bindings, abridge_sql_log=True) -%}
        {%- do statements.append(sql) -%}
    {%- endfor -%}
    {{ return(statements[0] if statements else '') }}
{%- endmacro %}

{# What is written under target/run. #}
{% macro get_csv_sql(create_or_truncate_sql, insert_sql) -%}
    {{ adapter.dispatch('get_csv_sql', 'dbt')(create_or_truncate_sql, insert_sql) }}
{%- endmacro %}

{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) %}
    {{ create_or_truncate_sql }};
    -- dbt seed --
    {{ insert_sql }}
{% endmacro %}

{# How the warehouse's driver marks the place of a value. #}
{% macro get_binding_char() -%}
    {{ adapter.dispatch('get_binding_char', 'dbt')() }}
{%- endmacro %}

{% macro default__get_binding_char() -%}
    {{ return('%s') }}
{%- endmacro %}

{# Rows per statement. #}
{% macro get_batch_size() -%}
    {{ return(adapter.dispatch('get_batch_size', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_batch_size() -%}
    {{ return(10000) }}
{%- endmacro %}

{% macro get_seed_column_quoted_csv(model, column_names) -%}
    {%- set quote_columns = model['config'].get('quote_columns') -%}
    {%- set quoted = [] -%}
    {%- for name in column_names -%}
        {%- do quoted.append(adapter.quote_seed_column(name, quote_columns)) -%}
    {%- endfor -%}
    {{ return(quoted | join(', ')) }}
{%- endmacro %}
