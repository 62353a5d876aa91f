{# A table that grows. Differs from the neutral materialization in that staging, merging and swapping are one
   transaction, so a failure leaves the table as it was, and in the choice of strategies. #}

{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- set temp_relation = duckdb__dispatch_temporary_relation(target_relation, (model.get('batch') or {}).id) -%}

    {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}

    {#- Left behind by an interrupted run of an engine that builds in several transactions, if at all. -#}
    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if existing_relation is none or not existing_relation.is_table or should_full_refresh() -%}
        {%- set rebuild = start_rebuild(existing_relation, target_relation, intermediate_relation) -%}
        {%- call statement('main', language=model['language']) -%}
            {{ create_table_as(False, rebuild.relation, compiled_code, model['language']) }}
        {%- endcall -%}
        {%- do finish_rebuild(rebuild, existing_relation, target_relation) -%}
    {%- else -%}
        {%- call statement('stage', language=model['language']) -%}
            {{ create_table_as(True, temp_relation, compiled_code, model['language']) }}
        {%- endcall -%}
        {%- set build_sql = incremental_build_sql(target_relation, temp_relation, on_schema_change) -%}
        {%- call statement('main') -%}
            {{ build_sql }}
        {%- endcall -%}
        {%- do adapter.drop_relation(temp_relation) -%}
    {%- endif -%}

    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}


{# With a key, rows are replaced; without one, added. #}
{% macro duckdb__get_incremental_default_sql(arg_dict) -%}
    {{ return(get_incremental_delete_insert_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) }}
{%- endmacro %}

{# The neutral way is DuckDB's way. #}
{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {{ return(default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates)) }}
{%- endmacro %}

{# Replaces the batch's window of time: `model.batch` says which. Rows that the query gives outside of it are left out. #}
{% macro duckdb__get_incremental_microbatch_sql(arg_dict) -%}
    {%- set event_time = config.get('event_time') -%}
    {%- set batch = model.get('batch') -%}
    {%- if not event_time or not batch -%}
        {%- do exceptions.raise_compiler_error('the microbatch strategy needs `event_time`, and to be run in batches') -%}
    {%- endif -%}
    {%- if arg_dict['unique_key'] -%}
        {%- do exceptions.raise_compiler_error(
            "microbatch incremental strategy does not support 'unique_key': a batch replaces its window of 'event_time', "
            ~ "whatever the keys. Remove 'unique_key' or use incremental_strategy='merge'."
        ) -%}
    {%- endif -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set in_window = [
        event_time ~ " >= '" ~ batch.event_time_start ~ "'",
        event_time ~ " < '" ~ batch.event_time_end ~ "'",
    ] + normalize_incremental_predicates(arg_dict['incremental_predicates']) -%}

    delete from {{ arg_dict['target_relation'] }}
    where {{ in_window | join('\n      and ') }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
    where {{ in_window | join('\n      and ') }}
{%- endmacro %}
