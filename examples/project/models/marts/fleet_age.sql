with aircraft as (
    select distinct carrier_code, carrier_name, tail_number, manufacturer, built_in, seats
    from {{ ref('fct_flights') }}
    where tail_number is not null
),

aged as (
    select *, 2013 - built_in as age_years from aircraft
)

select
    carrier_code,
    carrier_name,
    count(*) as aircraft,
    count(age_years) as aircraft_of_known_age,
    round(avg(age_years), 1) as avg_age_years,
    min(age_years) as youngest_years,
    max(age_years) as oldest_years,
    mode() within group (order by manufacturer) as main_manufacturer,
    round(avg(seats)) as avg_seats
from aged
group by carrier_code, carrier_name
