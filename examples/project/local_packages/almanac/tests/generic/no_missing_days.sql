{% test no_missing_days(model, column_name, first_day, last_day) %}

with expected as (
    {{ almanac.day_spine(first_day, last_day) }}
)

select expected.day
from expected
left join {{ model }} as found on found.{{ column_name }} = expected.day
where found.{{ column_name }} is null

{% endtest %}
