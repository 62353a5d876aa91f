{# Functions that PostgreSQL spells its own way. #}

{# A text as a literal of SQL. One with a backslash is marked, so that it is read alike however the server is set up. #}
{% macro postgres_literal(text) -%}
    {%- set quoted = "'" ~ text | string | replace("'", "''") ~ "'" -%}
    {{ return('E' ~ quoted | replace('\\', '\\\\') if '\\' in quoted else quoted) }}
{%- endmacro %}


{% macro postgres__any_value(expression) -%}
    min({{ expression }})
{%- endmacro %}

{# Parts are counted from the front before PostgreSQL 14. #}
{% macro postgres__split_part(string_text, delimiter_text, part_number) -%}
    {{ return(_split_part_negative(string_text, delimiter_text, part_number) if part_number < 0
        else default__split_part(string_text, delimiter_text, part_number)) }}
{%- endmacro %}

{% macro postgres__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- set values = measure ~ (' ' ~ order_by_clause if order_by_clause) -%}
    {%- if limit_num -%}
    array_to_string((array_agg({{ values }}))[1:{{ limit_num }}], {{ delimiter_text }})
    {%- else -%}
    string_agg({{ measure }}, {{ delimiter_text }}{{ ' ' ~ order_by_clause if order_by_clause }})
    {%- endif -%}
{%- endmacro %}

{# Intervals know no quarter. #}
{% macro postgres__dateadd(datepart, interval, from_date_or_timestamp) -%}
    {%- set unit = '3 months' if datepart == 'quarter' else '1 ' ~ datepart -%}
    ({{ from_date_or_timestamp }} + (interval '{{ unit }}') * ({{ interval }}))
{%- endmacro %}

{# Weeks begin on Sunday, and are counted from one. #}
{% macro postgres__datediff(first_date, second_date, datepart) -%}
    {%- set seconds = {'hour': 3600, 'minute': 60, 'second': 1, 'millisecond': 0.001, 'microsecond': 0.000001} -%}
    {%- if datepart == 'year' -%}
    (date_part('year', ({{ second_date }})::date) - date_part('year', ({{ first_date }})::date))
    {%- elif datepart == 'quarter' -%}
    (4 * {{ datediff(first_date, second_date, 'year') }} + date_part('quarter', ({{ second_date }})::date) - date_part('quarter', ({{ first_date }})::date))
    {%- elif datepart == 'month' -%}
    (12 * {{ datediff(first_date, second_date, 'year') }} + date_part('month', ({{ second_date }})::date) - date_part('month', ({{ first_date }})::date))
    {%- elif datepart == 'week' -%}
    (floor((({{ second_date }})::date - date '1970-01-04') / 7.0) - floor((({{ first_date }})::date - date '1970-01-04') / 7.0))::integer
    {%- elif datepart == 'day' -%}
    (({{ second_date }})::date - ({{ first_date }})::date)
    {%- elif datepart in seconds -%}
    round(date_part('epoch', date_trunc('{{ datepart }}', ({{ second_date }})::timestamp) - date_trunc('{{ datepart }}', ({{ first_date }})::timestamp)) / {{ seconds[datepart] }})
    {%- else -%}
    {%- do exceptions.raise_compiler_error('Unsupported datepart for macro datediff in postgres: ' ~ datepart) -%}
    {%- endif -%}
{%- endmacro %}

{# Counts on the server, row by row. #}
{% macro postgres__generate_series(upper_bound) %}
    select generated_number
    from generate_series(1, {{ upper_bound }}) as generated_number
{% endmacro %}
