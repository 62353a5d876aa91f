with flights as (
    select
        *,
        make_date(year, month, day) as flight_date,
        make_timestamp(year, month, day, hour, minute, 0) as scheduled_departure_at
    from {{ raw('bureau', 'flights') }}
)

select
    {{ almanac.surrogate_key(['flight_date', 'carrier', 'flight', 'origin']) }} as flight_id,
    flight_date,
    carrier as carrier_code,
    flight as flight_number,
    tailnum as tail_number,
    origin as origin_code,
    dest as destination_code,
    scheduled_departure_at,
    scheduled_departure_at + dep_delay * interval '1 minute' as departed_at,
    time_hour at time zone 'UTC' as departure_hour_utc,
    dep_delay as departure_delay_minutes,
    arr_delay as arrival_delay_minutes,
    air_time as air_minutes,
    distance as distance_miles,
    dep_time is null as is_cancelled,
    dep_time is not null and air_time is null as is_diverted
from flights
