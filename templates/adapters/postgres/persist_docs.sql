{# Comments on relations and columns. #}

{# As a string literal of SQL. #}
{% macro postgres_escape_comment(comment) -%}
    {%- if comment is not string -%}
        {%- do exceptions.raise_compiler_error('cannot use a description that is not text: ' ~ comment) -%}
    {%- endif -%}
    {{ return(postgres_literal(comment)) }}
{%- endmacro %}

{% macro postgres__alter_relation_comment(relation, comment) -%}
    {%- set kind = {'materialized_view': 'materialized view'}.get(relation.type, relation.type) -%}
    comment on {{ kind }} {{ relation.render() }} is {{ postgres_escape_comment(comment) }}
{%- endmacro %}

{% macro postgres__alter_column_comment(relation, column_dict) -%}
    {%- set existing_names = get_list_of_column_names(adapter.get_columns_in_relation(relation)) -%}
    {%- for name, column in validate_doc_columns(relation, column_dict, existing_names).items() %}
    comment on column {{ relation.render() }}.{{ adapter.quote(name) if column.get('quote') else name }} is {{ postgres_escape_comment(column['description'] or '') }};
    {%- endfor -%}
{%- endmacro %}
