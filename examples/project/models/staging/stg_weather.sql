{{ config(tags=['weather']) }}

{#- The stations never measured more than this; one reading of January says 1048. -#}
{%- set highest_wind_speed = 100 -%}

select
    origin as airport_code,
    time_hour at time zone 'UTC' as observed_at_utc,
    temp as temperature_f,
    humid as humidity_pct,
    case when wind_speed <= {{ highest_wind_speed }} then wind_speed end as wind_speed_mph,
    precip as precipitation_inches,
    pressure as pressure_mbar,
    visib as visibility_miles
from {{ raw('stations', 'weather') }}
