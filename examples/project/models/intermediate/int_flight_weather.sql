{{ config(tags=['weather']) }}

with flights as (
    select * from {{ ref('stg_flights') }}
),

weather as (
    select
        *,
        {{ band('wind_speed_mph', var('wind_bands')) }} as wind_band,
        precipitation_inches > 0 as is_wet,
        visibility_miles < 2 as is_murky
    from {{ ref('stg_weather') }}
)

select
    flights.flight_id,
    flights.origin_code,
    flights.departure_delay_minutes,
    flights.arrival_delay_minutes,
    flights.is_cancelled,
    weather.observed_at_utc is not null as has_weather,
    weather.wind_band,
    weather.is_wet,
    weather.is_murky,
    weather.temperature_f
from flights
left join weather
    on weather.airport_code = flights.origin_code
    and weather.observed_at_utc = flights.departure_hour_utc
