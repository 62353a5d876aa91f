{# Distance between two points on a sphere of the Earth's mean radius, in whole miles. #}
{% macro great_circle_miles(from_lat, from_lon, to_lat, to_lon) -%}
    round(
        2 * 3958.8 * asin(sqrt(
            pow(sin(radians({{ to_lat }} - {{ from_lat }}) / 2), 2)
            + cos(radians({{ from_lat }})) * cos(radians({{ to_lat }}))
            * pow(sin(radians({{ to_lon }} - {{ from_lon }}) / 2), 2)
        ))
    )::integer
{%- endmacro %}
