-- Every flight of the staging layer is counted once in each mart that counts flights.
with counts as (
    select 'stg_flights' as counted_in, count(*) as flights from {{ ref('stg_flights') }}
    union all
    select 'fct_flights', count(*) from {{ ref('fct_flights') }}
    union all
    select 'carrier_delays', sum(flights) from {{ ref('carrier_delays') }}
    union all
    select 'route_performance', sum(flights) from {{ ref('route_performance') }}
    union all
    select 'airport_daily_traffic', sum(departures + cancellations) from {{ ref('airport_daily_traffic') }}
)

select *
from counts
where flights <> (select flights from counts where counted_in = 'stg_flights')
