{# A unit test: the model's query over rows given in YAML, beside the rows expected of it. The engine compares. #}

{%- materialization unit, default -%}
    {%- set expected_rows = config.get('expected_rows') -%}
    {%- set expected_sql = config.get('expected_sql') -%}

    {#- An empty table tells the types of the query's columns, nested ones included. -#}
    {%- set temp_relation = make_temp_relation(this.incorporate(type='table')) -%}
    {%- do run_query(get_create_table_as_sql(True, temp_relation, get_empty_subquery_sql(sql))) -%}
    {%- set column_types = {} -%}
    {%- set quoted_names = {} -%}
    {%- for column in adapter.get_columns_in_relation(temp_relation) -%}
        {%- do column_types.update({column.name | lower: column.data_type}) -%}
        {%- do quoted_names.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
    {%- do adapter.drop_relation(temp_relation) -%}

    {#- Only the columns that the test speaks of are compared. -#}
    {%- set tested_names = expected_rows[0].keys() if expected_rows else get_columns_in_query(expected_sql or sql) -%}
    {%- set tested_columns = [] -%}
    {%- for name in tested_names -%}
        {%- do tested_columns.append(quoted_names[name | lower] or adapter.quote(name)) -%}
    {%- endfor -%}
    {%- if not expected_sql -%}
        {%- set expected_sql = get_expected_sql(expected_rows, column_types, quoted_names) -%}
    {%- endif -%}

    {%- call statement('main', fetch_result=True) -%}
        {{ get_unit_test_sql(sql, expected_sql, tested_columns) }}
    {%- endcall -%}

    {{ return({'relations': []}) }}
{%- endmaterialization -%}

{# The rows of both sides, told apart by `actual_or_expected`. #}
{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {{ adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names) }}
{%- endmacro %}

{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
    {%- set names = expected_column_names | join(', ') -%}
    with dbt_internal_unit_test_actual as (
        select {{ names }}, {{ string_literal('actual') }} as actual_or_expected
        from (
            {{ main_sql }}
        ) _dbt_internal_unit_test_actual
    ),

    dbt_internal_unit_test_expected as (
        select {{ names }}, {{ string_literal('expected') }} as actual_or_expected
        from (
            {{ expected_fixture_sql }}
        ) _dbt_internal_unit_test_expected
    )

    select * from dbt_internal_unit_test_actual
    union all
    select * from dbt_internal_unit_test_expected
{%- endmacro %}

{# Rows that stand in for an input. Columns that a row leaves out are null; their names and types come from the
   caller, or from the relation that the input normally is. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) -%}
    {%- set types = column_name_to_data_types or fixture_column_types(rows) -%}
    -- Fixture for {{ model.name }}
    {%- for row in rows -%}
        {%- do validate_fixture_rows(rows, loop.index) -%}
        {%- set values = format_row(row, types) %}
    select
        {%- for name, type in types.items() %}
        {{ values.get(name | lower) or cast('null', type) }} as {{ adapter.quote(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
        {{- '\n    union all' if not loop.last }}
    {%- else %}
    select
        {%- for name, type in types.items() %}
        {{ cast('null', type) }} as {{ adapter.quote(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    limit 0
    {%- endfor -%}
{%- endmacro %}

{# {column name: type} of the input that is being replaced. #}
{% macro fixture_column_types(rows) -%}
    {%- set relation = load_cached_relation(this) or defer_relation -%}
    {%- if not relation -%}
        {%- do exceptions.raise_compiler_error('Not able to get columns for unit test \'' ~ model.name ~ '\' from relation ' ~ this.render() ~ ' because the relation doesn\'t exist') -%}
    {%- endif -%}
    {%- set types = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do types.update({column.name | lower: column.data_type}) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}

{# Rows that the model's query is expected to give; their types are those that it does give. #}
{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) -%}
    {%- for row in rows or [] -%}
        {%- set values = format_row(row, column_name_to_data_types) -%}
    select
        {%- for name, value in values.items() %}
        {{ value }} as {{ column_name_to_quoted[name] }}{{ ',' if not loop.last }}
        {%- endfor %}
        {{- '\n    union all\n    ' if not loop.last }}
    {%- else -%}
    select * from dbt_internal_unit_test_actual
    limit 0
    {%- endfor -%}
{%- endmacro %}

{# {column name in lower case: literal of the column's type} #}
{% macro format_row(row, column_name_to_data_types) -%}
    {%- set types = {} -%}
    {%- for name, type in column_name_to_data_types.items() -%}
        {%- do types.update({name | lower: type}) -%}
    {%- endfor -%}
    {%- set place = 'expected output' if model.resource_type == 'unit_test' else "'" ~ model.name ~ "'" -%}
    {%- set values = {} -%}
    {%- for name, value in row.items() -%}
        {%- set type = types[name | lower] -%}
        {%- if not type -%}
            {%- do exceptions.raise_compiler_error(
                "Invalid column name: '" ~ name ~ "' in unit test fixture for " ~ place ~ '.\nAccepted columns for ' ~ place ~ ' are: ' ~ types.keys() | list
            ) -%}
        {%- elif value is none -%}
            {%- set literal = 'null' -%}
        {%- elif value is string -%}
            {%- set literal = string_literal(escape_single_quotes(value)) -%}
        {%- else -%}
            {%- set literal = value -%}
        {%- endif -%}
        {%- do values.update({name | lower: cast(literal, type)}) -%}
    {%- endfor -%}
    {{ return(values) }}
{%- endmacro %}

{# For warehouses that ask more of the rows than others do. #}
{% macro validate_fixture_rows(rows, row_number) -%}
    {{ return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) }}
{%- endmacro %}

{% macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro %}
