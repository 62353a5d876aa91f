{{ config(tags=['weather']) }}

{%- set conditions = {'wind': 'wind_band', 'rain or snow': 'is_wet', 'fog': 'is_murky'} -%}

with flights as (
    select * from {{ ref('int_flight_weather') }} where has_weather
)

{% for condition, column in conditions.items() %}
select
    '{{ condition }}' as condition,
    cast({{ column }} as varchar) as reading,
    {{ delay_columns(late_after=30) }},
    {{ percentage('count(*) filter (where is_cancelled)', 'count(*)', digits=2) }} as cancelled_pct
from flights
group by {{ column }}
{{ 'union all' if not loop.last }}
{% endfor %}
