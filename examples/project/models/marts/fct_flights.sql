{{
    config(
        materialized='incremental',
        unique_key='flight_id',
        incremental_strategy='delete+insert',
        on_schema_change='append_new_columns'
    )
}}

with flights as (
    select * from {{ ref('stg_flights') }}
    {%- if is_incremental() %}
    where flight_date > (
        select max(flight_date) - interval '{{ var("reload_days") }} days' from {{ this }}
    )
    {%- endif %}
)

select
    flights.flight_id,
    flights.flight_date,
    flights.scheduled_departure_at,
    flights.departed_at,
    flights.carrier_code,
    airlines.carrier_name,
    flights.flight_number,
    flights.tail_number,
    planes.manufacturer,
    planes.built_in,
    planes.seats,
    flights.origin_code,
    flights.destination_code,
    coalesce(airports.airport_name, flights.destination_code) as destination_name,
    flights.departure_delay_minutes,
    flights.arrival_delay_minutes,
    flights.departure_delay_minutes - flights.arrival_delay_minutes as made_up_minutes,
    flights.air_minutes,
    flights.distance_miles,
    flights.is_cancelled,
    flights.is_diverted
from flights
left join {{ ref('stg_airlines') }} as airlines using (carrier_code)
left join {{ ref('stg_airports') }} as airports on airports.airport_code = flights.destination_code
left join {{ ref('stg_planes') }} as planes using (tail_number)
