{{ config(materialized='ephemeral') }}

select
    origin_code as airport_code,
    flight_date as day,
    count(*) filter (where not is_cancelled) as departures,
    count(*) filter (where is_cancelled) as cancellations,
    count(distinct destination_code) filter (where not is_cancelled) as destinations,
    max(departure_delay_minutes) as worst_delay_minutes,
    round(avg(departure_delay_minutes), 1) as avg_delay_minutes
from {{ ref('stg_flights') }}
group by flight_date, origin_code
