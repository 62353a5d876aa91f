{# A table that grows: built whole the first time, on a full refresh, or when something else stands in its place;
   otherwise the new rows are staged and the configured strategy merges them in. #}

{% materialization incremental, default -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set temp_relation = make_temp_relation(target_relation) -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- set backup_relation = make_backup_relation(target_relation, existing_relation.type if existing_relation else 'table') -%}

    {%- set rebuild = existing_relation is none or not existing_relation.is_table or should_full_refresh() -%}
    {#- A strategy that nobody wrote fails the first build as well. -#}
    {%- do adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
    {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
    {%- set grant_config = config.get('grants') -%}

    {#- Left behind by an interrupted run, if at all. -#}
    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- if rebuild -%}
        {%- set build_relation = target_relation if existing_relation is none else intermediate_relation -%}
        {%- call statement('main') -%}
            {{ get_create_table_as_sql(False, build_relation, sql) }}
        {%- endcall -%}
        {%- do create_indexes(build_relation) -%}
        {%- if existing_relation is not none -%}
            {%- do swap_relation(existing_relation, backup_relation, intermediate_relation, target_relation) -%}
        {%- endif -%}
    {%- else -%}
        {%- call statement('stage') -%}
            {{ get_create_table_as_sql(True, temp_relation, sql) }}
        {%- endcall -%}
        {%- set build_sql = incremental_build_sql(target_relation, temp_relation, on_schema_change) -%}
        {%- call statement('main') -%}
            {{ build_sql }}
        {%- endcall -%}
        {%- do adapter.drop_relation(temp_relation) -%}
    {%- endif -%}

    {%- do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing_relation, full_refresh_mode=rebuild)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{# Brings the target's columns in line with the staged rows, then asks the strategy for its statement. #}
{% macro incremental_build_sql(target_relation, temp_relation, on_schema_change) -%}
    {%- do adapter.expand_target_column_types(from_relation=temp_relation, to_relation=target_relation) -%}
    {%- set dest_columns = process_schema_changes(on_schema_change, temp_relation, target_relation)
        or adapter.get_columns_in_relation(target_relation) -%}
    {%- set strategy_sql = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
    {{ return(strategy_sql({
        'target_relation': target_relation,
        'temp_relation': temp_relation,
        'unique_key': config.get('unique_key'),
        'dest_columns': dest_columns,
        'incremental_predicates': config.get('predicates') or config.get('incremental_predicates'),
    })) }}
{%- endmacro %}

{# True inside a model that is about to add rows to what is there. #}
{% macro is_incremental() -%}
    {%- if not execute or model.config.materialized != 'incremental' or should_full_refresh() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set relation = load_cached_relation(this) -%}
    {{ return(relation is not none and relation.type == 'table') }}
{%- endmacro %}
