with airports as (
    select airport_code, airport_name from {{ ref('stg_airports') }} where is_home
)

select
    calendar.day,
    calendar.weekday_name,
    calendar.is_weekend,
    airports.airport_code,
    airports.airport_name,
    coalesce(movements.departures, 0) as departures,
    coalesce(movements.cancellations, 0) as cancellations,
    coalesce(movements.destinations, 0) as destinations,
    movements.worst_delay_minutes,
    movements.avg_delay_minutes,
    round(avg(movements.departures) over (
        partition by airports.airport_code
        order by calendar.day
        rows between 6 preceding and current row
    ), 1) as departures_7_day_avg
from {{ ref('almanac', 'calendar') }} as calendar
cross join airports
left join {{ ref('int_airport_movements') }} as movements
    on movements.day = calendar.day
    and movements.airport_code = airports.airport_code
