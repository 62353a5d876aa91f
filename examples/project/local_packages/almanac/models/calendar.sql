{{ config(tags=['calendar']) }}

with days as (
    {{ almanac.day_spine(var('first_day'), var('last_day')) }}
)

select
    day,
    {{ almanac.iso_weekday('day') }} as iso_weekday,
    {{ almanac.weekday_name('day') }} as weekday_name,
    {{ almanac.iso_weekday('day') }} >= 6 as is_weekend,
    date_trunc('week', day)::date as week_start,
    date_trunc('month', day)::date as month_start
from days
