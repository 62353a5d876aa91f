{# One line at the end of a run: how many results there are of each status. #}
{% macro log_summary(results) %}
    {%- if execute -%}
        {%- set counts = {} -%}
        {%- for result in results -%}
            {%- set status = result.status | string -%}
            {%- do counts.update({status: counts.get(status, 0) + 1}) -%}
        {%- endfor -%}
        {%- set words = [] -%}
        {%- for status, count in counts.items() | sort -%}
            {%- do words.append(count ~ ' ' ~ status) -%}
        {%- endfor -%}
        {%- do log('flights: ' ~ (words | join(', ') or 'nothing to do'), info=true) -%}
    {%- endif -%}
{% endmacro %}
