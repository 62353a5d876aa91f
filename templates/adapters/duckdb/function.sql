{# Scalar functions as macros of DuckDB: an expression or a query in brackets, cast to the declared type. Volatility
   is found by DuckDB itself. #}

{% macro duckdb__scalar_function_sql(target_relation) %}
    {%- if config.get('volatility') is not none -%}
        {%- do unsupported_volatility_warning(config.get('volatility')) -%}
    {%- endif %}
    create or replace function {{ target_relation.render() }}({{ formatted_scalar_function_args_sql() }}) as
        cast((
            {{ model.compiled_code }}
        ) as {{ model.returns.data_type }})
{% endmacro %}

{% macro duckdb__formatted_scalar_function_args_sql() -%}
    {%- for argument in model.arguments -%}
        {{ argument.name }}
        {{- ' := ' ~ argument.default_value if argument.default_value is not none and argument.default_value is defined }}
        {{- ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
