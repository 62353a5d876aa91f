{# Seeds: DuckDB reads the file itself. Tables are replaced inside the transaction that loads them. #}

{# With `fast: false` rows are sent as values, which suits files that only the engine's own reader understands. #}
{% macro duckdb__load_csv_rows(model, agate_table) -%}
    {%- if not config.get('fast', true) -%}
        {{ return(default__load_csv_rows(model, agate_table)) }}
    {%- endif -%}
    {%- set path = adapter.get_seed_file_path(model) | replace("'", "''") -%}
    {%- set delimiter = config.get('delimiter', ',') | replace("'", "''") -%}
    {#- Only what is empty is missing, quoted or not: in a column of texts, `null` is a text. -#}
    {%- set sql %}
        copy {{ this.render() }} from '{{ path }}' (
            format csv, header true, delimiter '{{ delimiter }}', nullstr '', allow_quoted_nulls true
        )
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro duckdb__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- if not full_refresh -%}
        {{ return(default__reset_csv_table(model, full_refresh, old_relation, agate_table)) }}
    {%- endif -%}
    {%- set dropped = drop_relation_for_rebuild(old_relation) -%}
    {%- set sql = create_csv_table(model, agate_table) -%}
    {%- do restore_foreign_key_dependents(dropped) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro duckdb__get_binding_char() -%}
    {{ return(adapter.get_binding_char()) }}
{%- endmacro %}

{% macro duckdb__get_batch_size() -%}
    {{ return(10000) }}
{%- endmacro %}
