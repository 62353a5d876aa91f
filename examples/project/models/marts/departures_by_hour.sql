select
    cast(extract(hour from scheduled_departure_at) as integer) as scheduled_hour,
    {%- for code in var('home_airports') %}
    count(*) filter (where origin_code = '{{ code }}') as {{ code | lower }}_flights,
    round(avg(departure_delay_minutes) filter (where origin_code = '{{ code }}'), 1) as {{ code | lower }}_avg_delay_minutes,
    {%- endfor %}
    count(*) as flights
from {{ ref('fct_flights') }}
group by 1
