{# Partitions and sort order, which only DuckLake tables have. Other tables get a warning: the setting is a wish
   about layout, and the rows are the same without it. #}

{% macro duckdb__get_partitioned_by(relation, temporary) -%}
    {{ return(ducklake_layout_setting(relation, temporary, 'partitioned_by', 'partition_by')) }}
{%- endmacro %}

{% macro duckdb__get_sorted_by(relation, temporary) -%}
    {{ return(ducklake_layout_setting(relation, temporary, 'sorted_by', 'sort_by')) }}
{%- endmacro %}

{% macro ducklake_layout_setting(relation, temporary, name, other_name) -%}
    {%- set entries = normalize_string_or_list(config.get(name) or config.get(other_name), name) -%}
    {%- if not entries or temporary -%}
        {{ return(none) }}
    {%- elif not adapter.is_ducklake(relation) -%}
        {%- do exceptions.warn('`' ~ name ~ '` is ignored for ' ~ relation.render() ~ ': only DuckLake tables have it') -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(entries) }}
{%- endmacro %}

{# A setting that may be one text or a list of them, as a list. #}
{% macro normalize_string_or_list(raw, field_name) -%}
    {%- if not raw -%}
        {{ return([]) }}
    {%- elif raw is string -%}
        {{ return([raw]) }}
    {%- elif raw is mapping or raw is not iterable -%}
        {%- do exceptions.raise_compiler_error('`' ~ field_name ~ '` must be a string or a list of strings, not: ' ~ raw) -%}
    {%- endif -%}
    {%- for entry in raw if entry is not string -%}
        {%- do exceptions.raise_compiler_error('`' ~ field_name ~ '` must hold strings only, not: ' ~ entry) -%}
    {%- endfor -%}
    {{ return(raw) }}
{%- endmacro %}

{% macro duckdb__alter_table_set_partitioned_by(relation, partitioned_by) -%}
    alter table {{ relation.render() }} set partitioned by ({{ partitioned_by | join(', ') }});
{%- endmacro %}

{% macro duckdb__alter_table_set_sorted_by(relation, sorted_by) -%}
    alter table {{ relation.render() }} set sorted by ({{ sorted_by | join(', ') }});
{%- endmacro %}
