{{ config(tags=['calendar']) }}

with days as (
    {{ almanac.day_spine(var('first_day'), var('last_day')) }}
)

select
    day,
    isodow(day) as iso_weekday,
    dayname(day) as weekday_name,
    isodow(day) >= 6 as is_weekend,
    date_trunc('week', day)::date as week_start,
    date_trunc('month', day)::date as month_start
from days
