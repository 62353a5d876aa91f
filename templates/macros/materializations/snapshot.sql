{# A table that remembers: every version of a row, each with the time from when to when it was the current one. New
   and changed rows are staged, then the versions they replace are closed and the new ones inserted. #}

{% materialization snapshot, default %}
    {%- set target_exists, target_relation = get_or_create_relation(
        database=model.database, schema=model.schema, identifier=model.get('alias', model.get('name')), type='table'
    ) -%}
    {%- if not target_relation.is_table -%}
        {%- do exceptions.relation_wrong_type(target_relation, 'table') -%}
    {%- endif -%}
    {%- set grant_config = config.get('grants') -%}
    {%- set source_sql = model['compiled_code'] -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set strategy = strategy_dispatch(config.get('strategy'))(model, 'snapshotted_data', 'source_data', model['config'], target_exists) -%}
    {%- do assert_snapshot_key_is_unique(strategy, source_sql) -%}

    {%- if target_exists -%}
        {%- do adapter.assert_valid_snapshot_target_given_strategy(target_relation, get_snapshot_table_column_names(), strategy) -%}
        {%- do check_time_data_types(snapshot_staging_table(strategy, source_sql, target_relation)) -%}
        {%- set staging_relation = build_snapshot_staging_table(strategy, source_sql, target_relation) -%}
        {%- set insert_columns = snapshot_prepare_target(strategy, staging_relation, target_relation) -%}
        {%- set final_sql = snapshot_merge_sql(target=target_relation, source=staging_relation, insert_cols=insert_columns) -%}
    {%- else -%}
        {%- set staging_relation = none -%}
        {%- set build_sql = build_snapshot_table(strategy, source_sql) -%}
        {%- do check_time_data_types(build_sql) -%}
        {%- set final_sql = create_table_as(False, target_relation, build_sql) -%}
    {%- endif -%}

    {%- call statement('main') -%}
        {{ final_sql }}
    {%- endcall -%}

    {%- do apply_grants(target_relation, grant_config, should_revoke=should_revoke(target_exists, full_refresh_mode=False)) -%}
    {%- do persist_docs(target_relation, model) -%}
    {%- if not target_exists -%}
        {%- do create_indexes(target_relation) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {%- if staging_relation is not none -%}
        {%- do post_snapshot(staging_relation) -%}
    {%- endif -%}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{# Two rows with one key would become two current versions of one thing, so they are refused. #}
{% macro assert_snapshot_key_is_unique(strategy, sql) -%}
    {%- set keys = [strategy.unique_key] if strategy.unique_key is string else strategy.unique_key -%}
    {%- set duplicates_sql -%}
        select {{ keys | join(', ') }}, count(*) as occurrences
        from (
            {{ sql }}
        ) as dbt_snapshot_source
        where {% for key in keys %}{{ key }} is not null{{ ' and ' if not loop.last }}{% endfor %}
        group by {{ keys | join(', ') }}
        having count(*) > 1
        limit 1
    {%- endset -%}
    {%- for row in run_query(duplicates_sql) -%}
        {%- set found = [] -%}
        {%- for key in keys -%}
            {%- do found.append(key ~ ' = ' ~ row[loop.index0]) -%}
        {%- endfor -%}
        {%- do exceptions.raise_compiler_error(
            'the unique_key of a snapshot must be unique, but ' ~ row[keys | length] ~ ' rows have ' ~ found | join(', ')
        ) -%}
    {%- endfor -%}
{%- endmacro %}

{# Gives the target the columns that are new in the source, and tells which columns to insert. The staging relation's
   own columns (what to do with a row, the key under a fixed name) stay behind. #}
{% macro snapshot_prepare_target(strategy, staging_relation, target_relation) -%}
    {%- set own_names = ['dbt_change_type'] + unique_key_names(strategy.unique_key) -%}
    {%- do adapter.expand_target_column_types(from_relation=staging_relation, to_relation=target_relation) -%}

    {%- set missing = [] -%}
    {%- for column in adapter.get_missing_columns(staging_relation, target_relation) if column.name | lower not in own_names -%}
        {%- do missing.append(column) -%}
    {%- endfor -%}
    {%- do create_columns(target_relation, missing) -%}

    {%- set insert_columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(staging_relation) if column.name | lower not in own_names -%}
        {%- do insert_columns.append(adapter.quote(column.name)) -%}
    {%- endfor -%}
    {{ return(insert_columns) }}
{%- endmacro %}

{% macro create_columns(relation, columns) -%}
    {{ adapter.dispatch('create_columns', 'dbt')(relation, columns) }}
{%- endmacro %}

{% macro default__create_columns(relation, columns) -%}
    {%- for column in columns -%}
        {%- call statement() -%}
            alter table {{ relation.render() }} add column {{ column.quoted }} {{ column.expanded_data_type }}
        {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}

{# After the commit: what the staging needs by way of cleaning up. #}
{% macro post_snapshot(staging_relation) -%}
    {{ adapter.dispatch('post_snapshot', 'dbt')(staging_relation) }}
{%- endmacro %}

{% macro default__post_snapshot(staging_relation) -%}
{%- endmacro %}


{# The names of the columns that a snapshot adds, by what they mean: the usual ones unless configured otherwise. #}
{% macro get_snapshot_table_column_names() -%}
    {%- set configured = config.get('snapshot_meta_column_names') or {} -%}
    {%- set names = {} -%}
    {%- for name in ['dbt_valid_to', 'dbt_valid_from', 'dbt_scd_id', 'dbt_updated_at', 'dbt_is_deleted'] -%}
        {%- do names.update({name: configured[name] or name}) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# The first build: all rows are current. #}
{% macro build_snapshot_table(strategy, sql) -%}
    {{ adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql) }}
{%- endmacro %}

{% macro default__build_snapshot_table(strategy, sql) %}
    {%- set columns = get_snapshot_table_column_names() %}
    select
        *,
        {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
        {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
        {{ get_dbt_valid_to_current(strategy, columns) }}
        {%- if strategy.hard_deletes == 'new_record' %},
        'False' as {{ columns.dbt_is_deleted }}
        {%- endif %}
    from (
        {{ sql }}
    ) sbq
{% endmacro %}

{# Creates the temporary relation that holds what has changed. #}
{% macro build_snapshot_staging_table(strategy, sql, target_relation) -%}
    {%- set staging_relation = make_temp_relation(target_relation) -%}
    {%- call statement('build_snapshot_staging_relation') -%}
        {{ create_table_as(True, staging_relation, snapshot_staging_table(strategy, sql, target_relation)) }}
    {%- endcall -%}
    {{ return(staging_relation) }}
{%- endmacro %}

{# The query behind it. Each row says by `dbt_change_type` what is to be done: 'insert' a version, or close the
   version with its `dbt_scd_id` ('update' where a newer one follows, 'delete' where none does). #}
{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {{ adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation) }}
{%- endmacro %}

{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) %}
    {%- set columns = get_snapshot_table_column_names() %}
    {%- set key_fields = unique_key_fields(strategy.unique_key) %}
    {%- set same_key = unique_key_join_on(strategy.unique_key, 'snapshotted_data', 'source_data') %}
    {%- set closes_deleted = strategy.hard_deletes in ('invalidate', 'new_record') %}
    {%- set records_deleted = strategy.hard_deletes == 'new_record' %}
    {%- set was_deleted = 'snapshotted_data.' ~ columns.dbt_is_deleted ~ " = 'True'" %}
    {%- set now = snapshot_get_time() %}
    with snapshot_query as (
        {{ source_sql }}
    ),

    snapshotted_data as (
        select *, {{ key_fields }}
        from {{ target_relation }}
        where {{ snapshot_is_current(columns.dbt_valid_to) }}
    ),

    opening as (
        select
            *,
            {{ key_fields }},
            {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
            {{ get_dbt_valid_to_current(strategy, columns) }},
            {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
        from snapshot_query
    ),

    closing as (
        select
            *,
            {{ key_fields }},
            {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_to }}
        from snapshot_query
    ),
    {%- if closes_deleted %}

    present as (
        select *, {{ key_fields }}
        from snapshot_query
    ),
    {%- endif %}

    insertions as (
        select
            'insert' as dbt_change_type,
            source_data.*
            {{- ", 'False' as " ~ columns.dbt_is_deleted if records_deleted }}
        from opening as source_data
        left join snapshotted_data on {{ same_key }}
        where {{ unique_key_is_null(strategy.unique_key, 'snapshotted_data') }}
           or ({{ strategy.row_changed }})
           {{ 'or ' ~ was_deleted if records_deleted }}
    ),

    updates as (
        select
            'update' as dbt_change_type,
            source_data.*,
            snapshotted_data.{{ columns.dbt_scd_id }}
            {{- ', snapshotted_data.' ~ columns.dbt_is_deleted if records_deleted }}
        from closing as source_data
        join snapshotted_data on {{ same_key }}
        where ({{ strategy.row_changed }})
           {{ 'or ' ~ was_deleted if records_deleted }}
    )
    {%- if closes_deleted %},

    deletes as (
        select
            'delete' as dbt_change_type,
            source_data.*,
            {{ now }} as {{ columns.dbt_updated_at }},
            {{ now }} as {{ columns.dbt_valid_from }},
            {{ now }} as {{ columns.dbt_valid_to }},
            snapshotted_data.{{ columns.dbt_scd_id }}
            {{- ', snapshotted_data.' ~ columns.dbt_is_deleted if records_deleted }}
        from snapshotted_data
        left join present as source_data on {{ same_key }}
        where {{ unique_key_is_null(strategy.unique_key, 'source_data') }}
          {{ 'and not (' ~ was_deleted ~ ')' if records_deleted }}
    )
    {%- endif %}
    {%- if records_deleted %},

    {#- The version that says "deleted" keeps the data of the last one; columns that are new have none yet. #}
    {%- set known_names = get_list_of_column_names(adapter.get_columns_in_relation(target_relation)) | map('lower') | list %}
    deletion_records as (
        select
            'insert' as dbt_change_type,
            {%- for name in get_columns_in_query(source_sql) %}
            {{ 'snapshotted_data.' ~ adapter.quote(name) if name | lower in known_names else 'null as ' ~ adapter.quote(name) }},
            {%- endfor %}
            {%- for name in unique_key_names(strategy.unique_key) %}
            snapshotted_data.{{ name }},
            {%- endfor %}
            {{ now }} as {{ columns.dbt_updated_at }},
            {{ now }} as {{ columns.dbt_valid_from }},
            snapshotted_data.{{ columns.dbt_valid_to }},
            {{ snapshot_hash_arguments(['snapshotted_data.' ~ columns.dbt_scd_id, now]) }} as {{ columns.dbt_scd_id }},
            'True' as {{ columns.dbt_is_deleted }}
        from snapshotted_data
        left join present as source_data on {{ same_key }}
        where {{ unique_key_is_null(strategy.unique_key, 'source_data') }}
          and not ({{ was_deleted }})
    )
    {%- endif %}

    select * from insertions
    union all
    select * from updates
    {%- if closes_deleted %}
    union all
    select * from deletes
    {%- endif %}
    {%- if records_deleted %}
    union all
    select * from deletion_records
    {%- endif %}
{% endmacro %}

{# Whether a version is the current one. Tables begun before `dbt_valid_to_current` was set have nulls as well. #}
{% macro snapshot_is_current(valid_to) -%}
    {%- set current_value = config.get('dbt_valid_to_current') -%}
    {%- if current_value is not none -%}
        ({{ valid_to }} = ({{ current_value }}) or {{ valid_to }} is null)
    {%- else -%}
        {{ valid_to }} is null
    {%- endif -%}
{%- endmacro %}

{# The end of current versions. The odd NULLIF is a null with the type of a time. #}
{% macro get_dbt_valid_to_current(strategy, columns) -%}
    coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ config.get('dbt_valid_to_current') or 'null' }}) as {{ columns.dbt_valid_to }}
{%- endmacro %}


{# Applies the staged changes. #}
{% macro snapshot_merge_sql(target, source, insert_cols) -%}
    {{ adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols) }}
{%- endmacro %}

{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set columns = get_snapshot_table_column_names() -%}
    {%- set names = insert_cols | join(', ') -%}

    merge into {{ target.render() }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }}
    when matched
        and {{ snapshot_is_current('DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to) }}
        and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
        then update set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
    when not matched
        and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
        then insert ({{ names }}) values ({{ names }})
{%- endmacro %}


{# Times of two types, say with and without a zone, are worth a word. #}
{% macro check_time_data_types(sql) -%}
    {%- set updated_at_type = get_updated_at_column_data_type(sql) -%}
    {%- set snapshot_time_type = get_snapshot_get_time_data_type() -%}
    {%- if updated_at_type is not none and snapshot_time_type is not none and updated_at_type != snapshot_time_type -%}
        {%- do exceptions.warn(
            'Data type of snapshot table timestamp columns (' ~ snapshot_time_type ~ ") doesn't match derived column 'updated_at' ("
            ~ updated_at_type ~ "). Please update snapshot config 'updated_at'."
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro get_updated_at_column_data_type(snapshot_sql) -%}
    {%- set name = get_snapshot_table_column_names().dbt_updated_at | lower -%}
    {%- for column in get_column_schema_from_query(snapshot_sql) if column.name | lower == name -%}
        {{ return(column.dtype) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}


{# The unique key, one expression or several, under names of our own: a source may call its columns anything. #}
{% macro unique_key_names(unique_key) -%}
    {%- if unique_key is string -%}
        {{ return(['dbt_unique_key']) }}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for key in unique_key -%}
        {%- do names.append('dbt_unique_key_' ~ loop.index) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{% macro unique_key_fields(unique_key) -%}
    {%- set names = unique_key_names(unique_key) -%}
    {%- for key in ([unique_key] if unique_key is string else unique_key) -%}
        {{ key }} as {{ names[loop.index0] }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro unique_key_join_on(unique_key, identifier, from_identifier) -%}
    {%- for name in unique_key_names(unique_key) -%}
        {{ equals(identifier ~ '.' ~ name, from_identifier ~ '.' ~ name) }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# The first name tells: where a join found no row, all of them are null. #}
{% macro unique_key_is_null(unique_key, identifier) -%}
    {{ identifier }}.{{ unique_key_names(unique_key)[0] }} is null
{%- endmacro %}

{% macro unique_key_is_not_null(unique_key, identifier) -%}
    {{ identifier }}.{{ unique_key_names(unique_key)[0] }} is not null
{%- endmacro %}
