{#
  The name of the band that a number falls into. `bands` are dictionaries with `name` and
  `below`, in rising order; one without `below` takes the rest.
#}
{% macro band(column, bands) -%}
    case
        when {{ column }} is null then 'unknown'
        {%- for band in bands %}
        {%- if band.below is defined %}
        when {{ column }} < {{ band.below }} then '{{ band.name }}'
        {%- else %}
        else '{{ band.name }}'
        {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}
