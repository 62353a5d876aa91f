with routes as (
    select
        origin_code,
        destination_code,
        {{ dbt.any_value('destination_name') }} as destination_name,
        max(distance_miles) as distance_miles,
        count(distinct carrier_code) as carriers,
        {{ delay_columns() }},
        percentile_disc(0.5) within group (order by arrival_delay_minutes) as median_arrival_delay_minutes,
        percentile_disc(0.9) within group (order by arrival_delay_minutes) as p90_arrival_delay_minutes,
        round(avg(distance_miles / nullif(air_minutes / 60.0, 0))) as avg_speed_mph
    from {{ ref('fct_flights') }}
    group by origin_code, destination_code
)

select
    {{ almanac.surrogate_key(['origin_code', 'destination_code']) }} as route_id,
    routes.*,
    {{ great_circle_miles('home.latitude', 'home.longitude', 'away.latitude', 'away.longitude') }}
        as great_circle_miles,
    row_number() over (
        partition by origin_code order by flights desc, destination_code
    ) as rank_at_origin
from routes
left join {{ ref('stg_airports') }} as home on home.airport_code = routes.origin_code
left join {{ ref('stg_airports') }} as away on away.airport_code = routes.destination_code
