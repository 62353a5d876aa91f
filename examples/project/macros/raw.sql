{# A table as it was published: a file read in place where the warehouse reads files, a seed elsewhere. #}
{% macro raw(publisher, table) -%}
    {{ return(adapter.dispatch('raw')(publisher, table)) }}
{%- endmacro %}

{% macro default__raw(publisher, table) -%}
    {{ return(ref('raw_' ~ table)) }}
{%- endmacro %}

{% macro duckdb__raw(publisher, table) -%}
    {{ return(source(publisher, table)) }}
{%- endmacro %}
