{# A query with one column `day`: each day from `first_day` to `last_day`, both included. #}
{% macro day_spine(first_day, last_day) -%}
    {{ return(adapter.dispatch('day_spine', 'almanac')(first_day, last_day)) }}
{%- endmacro %}

{% macro default__day_spine(first_day, last_day) -%}
    with recursive spine as (
        select cast('{{ first_day }}' as date) as day
        union all
        select cast(day + interval '1' day as date) from spine
        where day < cast('{{ last_day }}' as date)
    )

    select day from spine
{%- endmacro %}

{% macro duckdb__day_spine(first_day, last_day) -%}
    select unnest(generate_series(date '{{ first_day }}', date '{{ last_day }}', interval 1 day))::date as day
{%- endmacro %}
