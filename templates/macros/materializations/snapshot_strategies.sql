{# How a snapshot sees that a row has changed. A strategy is a macro `snapshot_<name>_strategy` that gives
   {unique_key, updated_at, row_changed, scd_id, hard_deletes, invalidate_hard_deletes}, the middle three as SQL. #}

{# By name, or by `package.name`. #}
{% macro strategy_dispatch(name) -%}
    {%- set place = context[name.split('.')[0]] if '.' in name else context -%}
    {%- set macro_name = 'snapshot_' ~ name.split('.')[-1] ~ '_strategy' -%}
    {%- if place is undefined -%}
        {%- do exceptions.raise_compiler_error("Could not find package '" ~ name.split('.')[0] ~ "', called with strategy '" ~ name ~ "'") -%}
    {%- elif macro_name not in place -%}
        {%- do exceptions.raise_compiler_error("The specified strategy macro '" ~ macro_name ~ "' was not found" ~ (' in package ' ~ name.split('.')[0] if '.' in name else '')) -%}
    {%- endif -%}
    {{ return(place[macro_name]) }}
{%- endmacro %}

{# Changed when the row's own time is later than that of the version we have. #}
{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
    {%- set updated_at = model_config.get('updated_at') -%}
    {%- set valid_from = get_snapshot_table_column_names().dbt_valid_from -%}
    {{ return(snapshot_strategy(
        model_config, updated_at, snapshotted_rel ~ '.' ~ valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at
    )) }}
{%- endmacro %}

{# Changed when any of the chosen columns has another value, or when a chosen column is new to the table. #}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) -%}
    {%- set column_added, column_names = snapshot_check_all_get_existing_columns(node, target_exists, model_config.get('check_cols')) -%}
    {%- set conditions = [get_true_sql()] if column_added else [] -%}
    {%- for name in column_names -%}
        {%- set old = snapshotted_rel ~ '.' ~ name -%}
        {%- set new = current_rel ~ '.' ~ name -%}
        {%- do conditions.append(
            old ~ ' != ' ~ new
            ~ ' or (' ~ old ~ ' is null and ' ~ new ~ ' is not null)'
            ~ ' or (' ~ old ~ ' is not null and ' ~ new ~ ' is null)'
        ) -%}
    {%- endfor -%}
    {{ return(snapshot_strategy(model_config, model_config.get('updated_at') or snapshot_get_time(), conditions | join('\n            or '))) }}
{%- endmacro %}

{# What both have in common. #}
{% macro snapshot_strategy(model_config, updated_at, row_changed) -%}
    {%- set unique_key = model_config.get('unique_key') -%}
    {%- set keys = [unique_key] if unique_key is string else unique_key -%}
    {%- set hard_deletes = snapshot_hard_deletes(model_config) -%}
    {{ return({
        'unique_key': unique_key,
        'updated_at': updated_at,
        'row_changed': row_changed,
        'scd_id': snapshot_hash_arguments(keys + [updated_at]),
        'hard_deletes': hard_deletes,
        'invalidate_hard_deletes': hard_deletes == 'invalidate',
    }) }}
{%- endmacro %}

{# 'ignore', 'invalidate' or 'new_record'; the older yes-or-no setting means the second. #}
{% macro snapshot_hard_deletes(model_config) -%}
    {{ return(adapter.get_hard_deletes_behavior(model_config)) }}
{%- endmacro %}

{# [whether a column is new to the table, quoted names of the others] #}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
    {%- if check_cols_config == 'all' -%}
        {%- set wanted = get_columns_in_query(node['compiled_code']) -%}
    {%- elif check_cols_config is iterable and check_cols_config is not string and check_cols_config is not mapping and check_cols_config -%}
        {%- set wanted = check_cols_config -%}
    {%- else -%}
        {%- do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols_config) -%}
    {%- endif -%}

    {%- set existing = none -%}
    {%- if target_exists -%}
        {%- set relation = load_cached_relation(this) -%}
        {%- set existing = get_list_of_column_names(adapter.get_columns_in_relation(relation)) | map('lower') | list -%}
    {%- endif -%}
    {%- if existing is not none and check_cols_config != 'all' -%}
        {%- do assert_check_cols_are_selected(node, wanted, existing) -%}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for name in wanted if existing is none or name | lower in existing -%}
        {%- do names.append(adapter.quote(name)) -%}
    {%- endfor -%}
    {{ return([names | length < wanted | length, names]) }}
{%- endmacro %}

{# A column that the table lacks is new to it, unless the query lacks it too: then its name is wrong. #}
{% macro assert_check_cols_are_selected(node, wanted, existing) -%}
    {%- set unknown = [] -%}
    {%- for name in wanted if name | lower not in existing -%}
        {%- do unknown.append(name) -%}
    {%- endfor -%}
    {%- if unknown -%}
        {%- set selected = get_columns_in_query(node['compiled_code']) | map('lower') | list -%}
        {%- for name in unknown if name | lower not in selected -%}
            {%- do exceptions.raise_compiler_error("`check_cols` names a column '" ~ name ~ "' that the snapshot's query does not have") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{# One text for several values: the identity of a version. Stored in every snapshot table, so it must not change. #}
{% macro snapshot_hash_arguments(args) -%}
    {{ adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) }}
{%- endmacro %}

{% macro default__snapshot_hash_arguments(args) -%}
    md5({% for arg in args -%}
    coalesce(cast({{ arg }} as varchar), ''){{ " || '|' || " if not loop.last }}
    {%- endfor %})
{%- endmacro %}

{# A time written as text, as the warehouse reads it. #}
{% macro snapshot_string_as_time(timestamp) -%}
    {{ adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp) }}
{%- endmacro %}

{% macro default__snapshot_string_as_time(timestamp) -%}
    {{ exceptions.raise_not_implemented('snapshot_string_as_time macro not implemented for adapter ' ~ adapter.type()) }}
{%- endmacro %}

{# A condition that always holds; not every warehouse knows the word. #}
{% macro get_true_sql() -%}
    {{ adapter.dispatch('get_true_sql', 'dbt')() }}
{%- endmacro %}

{% macro default__get_true_sql() -%}
    {{ return('TRUE') }}
{%- endmacro %}
