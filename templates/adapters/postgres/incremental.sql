{# The choice of strategies. MERGE came with PostgreSQL 15. #}

{# With a key, rows are replaced; without one, added. #}
{% macro postgres__get_incremental_default_sql(arg_dict) -%}
    {{ return(get_incremental_delete_insert_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) }}
{%- endmacro %}

{# Rows of a batch are replaced by their key. #}
{% macro postgres__get_incremental_microbatch_sql(arg_dict) -%}
    {%- if not arg_dict['unique_key'] -%}
        {%- do exceptions.raise_compiler_error("dbt-postgres 'microbatch' requires a `unique_key` config") -%}
    {%- endif -%}
    {{ return(get_incremental_merge_sql(arg_dict) if postgres_has_merge() else get_incremental_delete_insert_sql(arg_dict)) }}
{%- endmacro %}

{% macro postgres__get_incremental_merge_sql(arg_dict) -%}
    {%- if not postgres_has_merge() -%}
        {%- do exceptions.raise_compiler_error(
            "the incremental strategy 'merge' needs PostgreSQL 15 or later; 'delete+insert' works with every version"
        ) -%}
    {%- endif -%}
    {{ return(default__get_incremental_merge_sql(arg_dict)) }}
{%- endmacro %}

{% macro postgres_has_merge() -%}
    {%- set versions = run_query('show server_version_num') -%}
    {{ return(versions[0][0] | int >= 150000) }}
{%- endmacro %}
