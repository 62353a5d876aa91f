{# Dates and times in SQL, and series of them. #}

{% macro date(year, month, day) -%}
    {{ return(adapter.dispatch('date', 'dbt')(year, month, day)) }}
{%- endmacro %}

{% macro default__date(year, month, day) -%}
    {%- set date = modules.datetime.date(year, month, day) -%}
    to_date('{{ date.strftime('%Y-%m-%d') }}', 'YYYY-MM-DD')
{%- endmacro %}

{% macro date_trunc(datepart, date) -%}
    {{ return(adapter.dispatch('date_trunc', 'dbt')(datepart, date)) }}
{%- endmacro %}

{% macro default__date_trunc(datepart, date) -%}
    date_trunc('{{ datepart }}', {{ date }})
{%- endmacro %}

{% macro dateadd(datepart, interval, from_date_or_timestamp) -%}
    {{ return(adapter.dispatch('dateadd', 'dbt')(datepart, interval, from_date_or_timestamp)) }}
{%- endmacro %}

{% macro default__dateadd(datepart, interval, from_date_or_timestamp) -%}
    dateadd(
        {{ datepart }},
        {{ interval }},
        {{ from_date_or_timestamp }}
    )
{%- endmacro %}

{# How many times the clock passes from one `datepart` to the next. #}
{% macro datediff(first_date, second_date, datepart) -%}
    {{ return(adapter.dispatch('datediff', 'dbt')(first_date, second_date, datepart)) }}
{%- endmacro %}

{% macro default__datediff(first_date, second_date, datepart) -%}
    datediff(
        {{ datepart }},
        {{ first_date }},
        {{ second_date }}
    )
{%- endmacro %}

{% macro last_day(date, datepart) -%}
    {{ return(adapter.dispatch('last_day', 'dbt')(date, datepart)) }}
{%- endmacro %}

{# The day before the next one begins. Named once more without the second underscore, as adapters call it. #}
{% macro default_last_day(date, datepart) -%}
    cast(
        {{ dateadd('day', '-1', dateadd(datepart, '1', date_trunc(datepart, date))) }}
        as date
    )
{%- endmacro %}

{% macro default__last_day(date, datepart) -%}
    {{ return(default_last_day(date, datepart)) }}
{%- endmacro %}


{# The powers of two that add up to `upper_bound` different numbers. #}
{% macro get_powers_of_two(upper_bound) -%}
    {{ return(adapter.dispatch('get_powers_of_two', 'dbt')(upper_bound)) }}
{%- endmacro %}

{% macro default__get_powers_of_two(upper_bound) -%}
    {%- if upper_bound <= 0 -%}
        {{ exceptions.raise_compiler_error('upper bound must be positive') }}
    {%- endif -%}
    {%- for power in range(1, 100) if upper_bound <= 2 ** power -%}
        {{ return(power) }}
    {%- endfor -%}
{%- endmacro %}

{# A query of the numbers from 1 to `upper_bound`, in a column `generated_number`. #}
{% macro generate_series(upper_bound) -%}
    {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
{%- endmacro %}

{# Counts in binary: one copy of {0, 1} per digit, crossed. #}
{% macro default__generate_series(upper_bound) %}
    {%- set digits = get_powers_of_two(upper_bound) %}
    with digit as (
        select 0 as is_set
        union all
        select 1
    ),

    numbers as (
        select
            1
            {%- for i in range(digits) %}
            + digit_{{ i }}.is_set * {{ 2 ** i }}
            {%- endfor %} as generated_number
        from
        {%- for i in range(digits) %}
            {{ 'cross join ' if i > 0 }}digit as digit_{{ i }}
        {%- endfor %}
    )

    select generated_number
    from numbers
    where generated_number <= {{ upper_bound }}
    order by generated_number
{% endmacro %}

{# Asked of the warehouse, since the bounds are SQL: 0 while nothing can be asked. #}
{% macro get_intervals_between(start_date, end_date, datepart) -%}
    {{ return(adapter.dispatch('get_intervals_between', 'dbt')(start_date, end_date, datepart)) }}
{%- endmacro %}

{% macro default__get_intervals_between(start_date, end_date, datepart) -%}
    {%- call statement('get_intervals_between', fetch_result=True) -%}
        select {{ datediff(start_date, end_date, datepart) }}
    {%- endcall -%}
    {%- set result = load_result('get_intervals_between') -%}
    {{ return(result['data'][0][0] if result else 0) }}
{%- endmacro %}

{# A query with a row per `datepart` from `start_date` up to, not including, `end_date`, in a column `date_<datepart>`. #}
{% macro date_spine(datepart, start_date, end_date) -%}
    {{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}
{%- endmacro %}

{% macro default__date_spine(datepart, start_date, end_date) %}
    {#- While parsing, any number will do. -#}
    {%- set intervals = get_intervals_between(start_date, end_date, datepart) or 1 %}
    with numbers as (
        {{ generate_series(intervals) }}
    ),

    all_periods as (
        select {{ dateadd(datepart, 'generated_number - 1', start_date) }} as date_{{ datepart }}
        from numbers
    )

    select *
    from all_periods
    where date_{{ datepart }} <= {{ end_date }}
{% endmacro %}
