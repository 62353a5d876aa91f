{# 1 for Monday to 7 for Sunday. #}
{% macro iso_weekday(day) -%}
    cast(extract(isodow from {{ day }}) as integer)
{%- endmacro %}

{# The English name. #}
{% macro weekday_name(day) -%}
    case {{ almanac.iso_weekday(day) }}
        {%- for name in ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
        when {{ loop.index }} then '{{ name }}'
        {%- endfor %}
    end
{%- endmacro %}
