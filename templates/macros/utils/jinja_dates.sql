{# Dates while rendering, as values of Jinja and not of SQL: for models that are built one partition at a time. #}

{% macro convert_datetime(date_str, date_fmt) -%}
    {{ return(modules.datetime.datetime.strptime(date_str | string, date_fmt)) }}
{%- endmacro %}

{# Every day from the first to the last, both included, as text. #}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt="%Y%m%d", out_fmt="%Y%m%d") -%}
    {%- set start = convert_datetime(start_date_str, in_fmt) -%}
    {%- set end = convert_datetime(end_date_str or start_date_str, in_fmt) -%}
    {%- set days = (end - start).days -%}
    {%- if days < 0 -%}
        {%- do exceptions.raise_compiler_error('Partition start date is after the end date: ' ~ start_date_str ~ ', ' ~ end_date_str) -%}
    {%- endif -%}
    {%- set dates = [] -%}
    {%- for day in range(days + 1) -%}
        {%- do dates.append((start + modules.datetime.timedelta(days=day)).strftime(out_fmt)) -%}
    {%- endfor -%}
    {{ return(dates) }}
{%- endmacro %}

{# 'first,last' or a single day, to the list of days. #}
{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') -%}
    {%- set bounds = (raw_partition_date | string).split(',') -%}
    {%- if bounds | length > 2 -%}
        {%- do exceptions.raise_compiler_error('Invalid partition time. Expected one date or two with a comma between them, got: ' ~ raw_partition_date) -%}
    {%- endif -%}
    {{ return(dates_in_range(bounds[0], bounds[-1], in_fmt=date_fmt)) }}
{%- endmacro %}

{# The time now, down to the microsecond: good for names that must not meet. #}
{% macro py_current_timestring() -%}
    {{ return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) }}
{%- endmacro %}
