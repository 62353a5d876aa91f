{# Names of helping relations. PostgreSQL cuts names after 63 bytes; `suffixed` shortens the name and keeps the suffix. #}

{# `dstring` adds the time, so that staged rows of one model do not meet those of an earlier statement of the session. #}
{% macro postgres__make_relation_with_suffix(base_relation, suffix, dstring) -%}
    {%- if dstring -%}
        {%- set suffix = suffix ~ modules.datetime.datetime.now().strftime('%H%M%S%f') -%}
    {%- endif -%}
    {{ return(base_relation.suffixed(suffix)) }}
{%- endmacro %}

{# Temporary relations live in a schema of the session, found by their bare name. #}
{% macro postgres__make_temp_relation(base_relation, suffix) -%}
    {%- set relation = postgres__make_relation_with_suffix(base_relation, suffix, dstring=True) -%}
    {{ return(relation.incorporate(path={'schema': none, 'database': none})) }}
{%- endmacro %}
