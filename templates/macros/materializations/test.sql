{# A data test: its query selects offending rows; their count is held against `warn_if` and `error_if`. #}

{%- materialization test, default -%}
    {%- set relations = [] -%}

    {%- if should_store_failures() -%}
        {%- set relation_type = config.get('store_failures_as') or 'table' -%}
        {%- if relation_type not in ['table', 'view'] -%}
            {%- do exceptions.raise_compiler_error("'" ~ relation_type ~ "' is not a valid value for `store_failures_as`. Accepted values are: ['ephemeral', 'table', 'view']") -%}
        {%- endif -%}
        {%- set path = {'database': database, 'schema': schema, 'identifier': model['alias']} -%}
        {%- set old_relation = adapter.get_relation(**path) -%}
        {%- set target_relation = api.Relation.create(type=relation_type, **path) -%}
        {%- if old_relation is not none -%}
            {#- Not `adapter.drop_relation`, which begins no transaction: the failures of the last run stay until these are in. -#}
            {%- call statement() -%}
                {{ get_drop_sql(old_relation) }}
            {%- endcall -%}
            {%- do adapter.cache_dropped(old_relation) -%}
        {%- endif -%}
        {%- call statement() -%}
            {{ get_create_sql(target_relation, get_limit_subquery_sql(sql, config.get('limit'))) }}
        {%- endcall -%}
        {{ adapter.commit() }}
        {%- do relations.append(target_relation) -%}
        {%- set main_sql = 'select * from ' ~ target_relation.render() -%}
    {%- else -%}
        {%- set main_sql = sql -%}
    {%- endif -%}

    {%- call statement('main', fetch_result=True, auto_begin=False) -%}
        {{ get_test_sql(main_sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), config.get('limit')) }}
    {%- endcall -%}

    {{ return({'relations': relations}) }}
{%- endmaterialization -%}

{# One row: failures, should_warn, should_error. #}
{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{ adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}

{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    select
        {{ fail_calc }} as failures,
        {{ fail_calc }} {{ warn_if }} as should_warn,
        {{ fail_calc }} {{ error_if }} as should_error
    from (
        {{ main_sql }}
        {{ 'limit ' ~ limit if limit is not none }}
    ) dbt_internal_test
{%- endmacro %}

{# What a generic test gets as `model`: the relation, or the part of it that `where` chooses. #}
{% macro get_where_subquery(relation) -%}
    {{ return(adapter.dispatch('get_where_subquery', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__get_where_subquery(relation) -%}
    {%- set where = config.get('where') -%}
    {%- if where -%}
        {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') dbt_subquery') }}
    {%- endif -%}
    {{ return(relation) }}
{%- endmacro %}
