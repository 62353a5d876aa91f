{# The time now, as DuckDB has it: with a time zone for everyone, without one in snapshots. #}

{% macro duckdb__current_timestamp() -%}
    now()
{%- endmacro %}

{% macro duckdb__snapshot_get_time() -%}
    {{ current_timestamp() }}::timestamp
{%- endmacro %}

{% macro duckdb__snapshot_string_as_time(timestamp) -%}
    '{{ timestamp }}'::timestamp
{%- endmacro %}
