{# Talking to the warehouse from Jinja. Every statement of every materialization passes through `statement`. #}

{# Runs its caller's text. `name='main'` is the statement whose text is written under target/run and whose
   response becomes the node's result. `auto_begin` opens a transaction if none is open. #}
{% macro statement(name=None, fetch_result=False, auto_begin=True, language='sql') -%}
    {%- if execute -%}
        {%- set code = caller() -%}
        {%- if name == 'main' -%}
            {%- do log('Writing runtime ' ~ language ~ ' for node "' ~ model['unique_id'] ~ '"') -%}
            {%- do write(code) -%}
        {%- endif -%}

        {%- if language == 'sql' -%}
            {%- set response, table = adapter.execute(code, auto_begin=auto_begin, fetch=fetch_result) -%}
        {%- elif language == 'python' -%}
            {%- set response = submit_python_job(model, code) -%}
            {%- set table = none -%}
        {%- else -%}
            {%- do exceptions.raise_compiler_error('statement cannot run the language `' ~ language ~ '`') -%}
        {%- endif -%}

        {%- if name is not none -%}
            {%- do store_result(name, response=response, agate_table=table) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# Records a result for work that needed no statement of its own. #}
{% macro noop_statement(name=None, message=None, code=None, rows_affected=None, res=None) -%}
    {%- set sql = caller() -%}
    {%- if name == 'main' -%}
        {%- do log('Writing runtime SQL for node "' ~ model['unique_id'] ~ '"') -%}
        {%- do write(sql) -%}
    {%- endif -%}
    {%- if name is not none -%}
        {%- do store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) -%}
    {%- endif -%}
{%- endmacro %}

{# The rows of a query, as a table; outside of any new transaction. #}
{% macro run_query(sql) %}
    {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) -%}
        {{ sql }}
    {%- endcall -%}
    {{ return(load_result('run_query_statement').table) }}
{% endmacro %}

{# Asks the warehouse whether it can plan a query, without running it. #}
{% macro validate_sql(sql) -%}
    {{ return(adapter.dispatch('validate_sql', 'dbt')(sql)) }}
{%- endmacro %}

{% macro default__validate_sql(sql) -%}
    {%- call statement('validate_sql') -%}
        explain {{ sql }}
    {%- endcall -%}
    {{ return(load_result('validate_sql')) }}
{%- endmacro %}

{# Packages ask this to tell engines apart; the language implemented here is that of dbt 1.x. #}
{% macro is_core_v2() -%}
    {{ return(false) }}
{%- endmacro %}
