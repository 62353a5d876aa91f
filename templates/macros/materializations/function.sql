{# A function of the warehouse as a node. The macro `<type>_function_<language>` writes it: `scalar_function_sql` here,
   others where an adapter has them. The smaller macros are the pieces such a statement is made of. #}

{% materialization function, default, supported_languages=['sql', 'python', 'javascript'] %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type=this.Function) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do function_execute_build_sql(function_build_sql(target_relation), existing_relation, target_relation) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Looked up by hand and not dispatched: which names exist beside `scalar_function_sql` is up to the adapter. #}
{% macro function_build_sql(target_relation) -%}
    {%- if model['language'] == 'python' -%}
        {%- for setting in ['entry_point', 'runtime_version'] if not config.get(setting) -%}
            {%- do exceptions.raise_compiler_error(('An' if setting == 'entry_point' else 'A') ~ ' `' ~ setting ~ '` is required for python functions') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set macro_name = config.get('type', 'scalar') ~ '_function_' ~ model['language'] -%}
    {%- for candidate in [adapter.type() ~ '__' ~ macro_name, 'default__' ~ macro_name] if candidate in context -%}
        {{ return(context[candidate](target_relation)) }}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error(
        "No macro named '" ~ macro_name ~ "' found within namespace 'dbt': " ~ adapter.type()
        ~ ' has no ' ~ config.get('type', 'scalar') ~ ' functions in ' ~ model['language']
    ) -%}
{%- endmacro %}

{% macro function_execute_build_sql(build_sql, existing_relation, target_relation) -%}
    {{ return(adapter.dispatch('function_execute_build_sql', 'dbt')(build_sql, existing_relation, target_relation)) }}
{%- endmacro %}

{% macro default__function_execute_build_sql(build_sql, existing_relation, target_relation) -%}
    {%- call statement(name='main') -%}
        {{ build_sql }}
    {%- endcall -%}
    {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=True)) -%}
{%- endmacro %}


{% macro scalar_function_sql(target_relation) -%}
    {{ return(adapter.dispatch('scalar_function_sql', 'dbt')(target_relation)) }}
{%- endmacro %}

{% macro default__scalar_function_sql(target_relation) %}
    {{ scalar_function_create_replace_signature_sql(target_relation) }}
    {{ scalar_function_body_sql() }}
{% endmacro %}

{% macro scalar_function_create_replace_signature_sql(target_relation) -%}
    {{ return(adapter.dispatch('scalar_function_create_replace_signature_sql', 'dbt')(target_relation)) }}
{%- endmacro %}

{% macro default__scalar_function_create_replace_signature_sql(target_relation) -%}
    CREATE OR REPLACE FUNCTION {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }})
    RETURNS {{ model.returns.data_type }}
    LANGUAGE SQL
    {{ scalar_function_volatility_sql() }}
    AS
{%- endmacro %}

{% macro formatted_scalar_function_args_sql() -%}
    {{ return(adapter.dispatch('formatted_scalar_function_args_sql', 'dbt')()) }}
{%- endmacro %}

{% macro default__formatted_scalar_function_args_sql() -%}
    {%- for argument in model.arguments -%}
        {{ argument.name }} {{ argument.data_type }}
        {{- ' DEFAULT ' ~ argument.default_value if argument.default_value is not none and argument.default_value is defined }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro formatted_scalar_function_args_javascript() -%}
    {{ return(adapter.dispatch('formatted_scalar_function_args_javascript', 'dbt')()) }}
{%- endmacro %}

{% macro default__formatted_scalar_function_args_javascript() -%}
    {{ return(formatted_scalar_function_args_sql()) }}
{%- endmacro %}

{% macro scalar_function_body_sql() -%}
    {{ return(adapter.dispatch('scalar_function_body_sql', 'dbt')()) }}
{%- endmacro %}

{% macro default__scalar_function_body_sql() %}
    $$
        {{ model.compiled_code }}
    $$
{% endmacro %}

{# Whether equal arguments give equal results: unsaid, the warehouse takes its own default. #}
{% macro scalar_function_volatility_sql() -%}
    {{ return(adapter.dispatch('scalar_function_volatility_sql', 'dbt')()) }}
{%- endmacro %}

{% macro default__scalar_function_volatility_sql() -%}
    {%- set volatility = config.get('volatility') -%}
    {%- if volatility is not none -%}
        {{ {'deterministic': 'IMMUTABLE', 'stable': 'STABLE', 'non-deterministic': 'VOLATILE'}[volatility] }}
    {%- endif -%}
{%- endmacro %}

{% macro scalar_function_volatility_javascript() -%}
    {{ return(adapter.dispatch('scalar_function_volatility_javascript', 'dbt')()) }}
{%- endmacro %}

{% macro default__scalar_function_volatility_javascript() -%}
    {{ return(scalar_function_volatility_sql()) }}
{%- endmacro %}

{% macro unsupported_volatility_warning(volatility) -%}
    {{ return(adapter.dispatch('unsupported_volatility_warning', 'dbt')(volatility)) }}
{%- endmacro %}

{% macro default__unsupported_volatility_warning(volatility) -%}
    {%- do exceptions.warn('Found `' ~ volatility ~ '` volatility specified on function `' ~ model.name ~ '`. This volatility is not supported by ' ~ adapter.type() ~ ', and will be ignored') -%}
{%- endmacro %}


{# Pieces of aggregate functions. #}
{% macro get_aggregate_function_create_replace_signature(target_relation) -%}
    {{ return(adapter.dispatch('get_aggregate_function_create_replace_signature', 'dbt')(target_relation)) }}
{%- endmacro %}

{% macro default__get_aggregate_function_create_replace_signature(target_relation) -%}
    CREATE OR REPLACE AGGREGATE FUNCTION {{ target_relation.render() }} ({{ get_formatted_aggregate_function_args() }})
    RETURNS {{ model.returns.data_type }}
    {{ get_function_language_specifier() }}
    {{ get_aggregate_function_volatility_specifier() }}
    {{ get_function_python_options() if model.language == 'python' }}
    AS
{%- endmacro %}

{% macro get_formatted_aggregate_function_args() -%}
    {{ return(adapter.dispatch('get_formatted_aggregate_function_args', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_formatted_aggregate_function_args() -%}
    {{ return(formatted_scalar_function_args_sql()) }}
{%- endmacro %}

{% macro get_function_language_specifier() -%}
    {{ return(adapter.dispatch('get_function_language_specifier', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_function_language_specifier() -%}
    LANGUAGE {{ model.language }}
{%- endmacro %}

{% macro get_aggregate_function_volatility_specifier() -%}
    {{ return(adapter.dispatch('get_aggregate_function_volatility_specifier', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_aggregate_function_volatility_specifier() -%}
    {{ return(scalar_function_volatility_sql()) }}
{%- endmacro %}

{% macro get_function_python_options() -%}
    {{ return(adapter.dispatch('get_function_python_options', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_function_python_options() -%}
    runtime_version = '{{ config.get('runtime_version') }}'
    handler = '{{ config.get('entry_point') }}'
{%- endmacro %}
