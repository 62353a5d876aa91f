{# Comments. DuckDB keeps them on tables, views and columns. #}

{# As a string literal of SQL. #}
{% macro duckdb_escape_comment(comment) -%}
    {%- if comment is not string -%}
        {%- do exceptions.raise_compiler_error('cannot use a description that is not text: ' ~ comment) -%}
    {%- endif -%}
    '{{ comment | replace("'", "''") }}'
{%- endmacro %}

{% macro duckdb__alter_relation_comment(relation, comment) -%}
    comment on {{ relation.type }} {{ relation.render() }} is {{ duckdb_escape_comment(comment) }}
{%- endmacro %}

{% macro duckdb__alter_column_comment(relation, column_dict) -%}
    {%- set existing_names = get_list_of_column_names(adapter.get_columns_in_relation(relation)) -%}
    {%- set documented = validate_doc_columns(relation, column_dict, existing_names) -%}
    {%- for name, column in documented.items() -%}
    comment on column {{ relation.render() }}.{{ adapter.quote(name) }} is {{ duckdb_escape_comment(column['description'] or '') }};
    {% endfor -%}
{%- endmacro %}
