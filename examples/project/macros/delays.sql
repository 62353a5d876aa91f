{# The columns that every model about punctuality carries, over the rows of one group. #}
{% macro delay_columns(late_after=var('on_time_minutes')) %}
    count(*) as flights,
    count(*) filter (where is_cancelled) as cancelled_flights,
    count(*) filter (where arrival_delay_minutes > {{ late_after }}) as late_flights,
    {{ percentage('count(*) filter (where arrival_delay_minutes <= ' ~ late_after ~ ')', 'count(*)') }} as on_time_pct,
    round(avg(departure_delay_minutes), 1) as avg_departure_delay_minutes,
    round(avg(arrival_delay_minutes), 1) as avg_arrival_delay_minutes
{%- endmacro %}

{% macro percentage(part, whole, digits=1) -%}
    round(100.0 * {{ part }} / nullif({{ whole }}, 0), {{ digits }})
{%- endmacro %}
