{# What is done to a relation whatever its type: create, drop, rename, replace. Each asks the relation for its
   type and hands over to `table`, `view` or `materialized_view`. #}

{% macro get_create_sql(relation, sql) -%}
    {%- do log('Applying CREATE to: ' ~ relation) -%}
    {{ adapter.dispatch('get_create_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_create_sql(relation, sql) -%}
    {%- if relation.is_view -%}
        {{ get_create_view_as_sql(relation, sql) }}
    {%- elif relation.is_table -%}
        {{ get_create_table_as_sql(false, relation, sql) }}
    {%- elif relation.is_materialized_view -%}
        {{ get_create_materialized_view_as_sql(relation, sql) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error('`get_create_sql` has not been implemented for: ' ~ relation.type) }}
    {%- endif -%}
{%- endmacro %}


{% macro get_drop_sql(relation) -%}
    {%- do log('Applying DROP to: ' ~ relation) -%}
    {{ adapter.dispatch('get_drop_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_drop_sql(relation) -%}
    {%- if relation.is_view -%}
        {{ drop_view(relation) }}
    {%- elif relation.is_table -%}
        {{ drop_table(relation) }}
    {%- elif relation.is_materialized_view -%}
        {{ drop_materialized_view(relation) }}
    {%- else -%}
        drop {{ relation.type }} if exists {{ relation.render() }} cascade
    {%- endif -%}
{%- endmacro %}

{# Called back by `adapter.drop_relation`, which also keeps the cache true. #}
{% macro drop_relation(relation) -%}
    {{ return(adapter.dispatch('drop_relation', 'dbt')(relation)) }}
{%- endmacro %}

{% macro default__drop_relation(relation) -%}
    {%- call statement('drop_relation', auto_begin=False) -%}
        {{ get_drop_sql(relation) }}
    {%- endcall -%}
{%- endmacro %}

{% macro drop_relation_if_exists(relation) -%}
    {%- if relation is not none -%}
        {%- do adapter.drop_relation(relation) -%}
    {%- endif -%}
{%- endmacro %}


{% macro get_rename_sql(relation, new_name) -%}
    {%- do log('Applying RENAME to: ' ~ relation) -%}
    {{ adapter.dispatch('get_rename_sql', 'dbt')(relation, new_name) }}
{%- endmacro %}

{% macro default__get_rename_sql(relation, new_name) -%}
    {%- if relation.is_view -%}
        {{ get_rename_view_sql(relation, new_name) }}
    {%- elif relation.is_table -%}
        {{ get_rename_table_sql(relation, new_name) }}
    {%- elif relation.is_materialized_view -%}
        {{ get_rename_materialized_view_sql(relation, new_name) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error('`get_rename_sql` has not been implemented for: ' ~ relation.type) }}
    {%- endif -%}
{%- endmacro %}

{# Called back by `adapter.rename_relation`. #}
{% macro rename_relation(from_relation, to_relation) -%}
    {{ return(adapter.dispatch('rename_relation', 'dbt')(from_relation, to_relation)) }}
{%- endmacro %}

{% macro default__rename_relation(from_relation, to_relation) -%}
    {%- call statement('rename_relation') -%}
        alter table {{ from_relation.render() }} rename to {{ adapter.quote_as_configured(to_relation.identifier, 'identifier') }}
    {%- endcall -%}
{%- endmacro %}

{# Puts what was built into its place. The old relation, if there is one, is kept under another name until the commit,
   after which the materialization drops what the cache knows under that name. #}
{% macro swap_relation(existing_relation, backup_relation, intermediate_relation, target_relation) -%}
    {{ return(adapter.dispatch('swap_relation', 'dbt')(existing_relation, backup_relation, intermediate_relation, target_relation)) }}
{%- endmacro %}

{% macro default__swap_relation(existing_relation, backup_relation, intermediate_relation, target_relation) -%}
    {%- if existing_relation is not none -%}
        {%- do adapter.rename_relation(existing_relation, backup_relation) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}
{%- endmacro %}


{# Puts a new definition where an existing relation stands, losing as little as the warehouse allows: replaced in
   place, else built beside it and renamed, else dropped first. #}
{% macro get_replace_sql(existing_relation, target_relation, sql) -%}
    {%- do log('Applying REPLACE to: ' ~ target_relation) -%}
    {{ adapter.dispatch('get_replace_sql', 'dbt')(existing_relation, target_relation, sql) }}
{%- endmacro %}

{% macro default__get_replace_sql(existing_relation, target_relation, sql) -%}
    {%- if existing_relation.type == target_relation.type and target_relation.can_be_replaced -%}
        {%- if target_relation.is_view -%}
            {{ get_replace_view_sql(target_relation, sql) }}
        {%- elif target_relation.is_table -%}
            {{ get_replace_table_sql(target_relation, sql) }}
        {%- else -%}
            {{ get_replace_materialized_view_sql(target_relation, sql) }}
        {%- endif -%}
    {%- elif target_relation.can_be_renamed and existing_relation.can_be_renamed -%}
        {{ get_create_intermediate_sql(target_relation, sql) }};
        {{ get_create_backup_sql(existing_relation) }};
        {{ get_rename_intermediate_sql(target_relation) }};
        {{ get_drop_backup_sql(existing_relation) }}
    {%- elif target_relation.can_be_renamed -%}
        {{ get_create_intermediate_sql(target_relation, sql) }};
        {{ get_drop_sql(existing_relation) }};
        {{ get_rename_intermediate_sql(target_relation) }}
    {%- elif existing_relation.can_be_renamed -%}
        {{ get_create_backup_sql(existing_relation) }};
        {{ get_create_sql(target_relation, sql) }};
        {{ get_drop_backup_sql(existing_relation) }}
    {%- else -%}
        {{ get_drop_sql(existing_relation) }};
        {{ get_create_sql(target_relation, sql) }}
    {%- endif -%}
{%- endmacro %}


{# The steps of the above. Each clears its place first: an interrupted run may have left something there. #}
{% macro get_create_intermediate_sql(relation, sql) -%}
    {%- do log('Applying CREATE INTERMEDIATE to: ' ~ relation) -%}
    {{ adapter.dispatch('get_create_intermediate_sql', 'dbt')(relation, sql) }}
{%- endmacro %}

{% macro default__get_create_intermediate_sql(relation, sql) -%}
    {%- set intermediate_relation = make_intermediate_relation(relation) -%}
    {{ get_drop_sql(intermediate_relation) }};
    {{ get_create_sql(intermediate_relation, sql) }}
{%- endmacro %}

{% macro get_rename_intermediate_sql(relation) -%}
    {%- do log('Applying RENAME INTERMEDIATE to: ' ~ relation) -%}
    {{ adapter.dispatch('get_rename_intermediate_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_rename_intermediate_sql(relation) -%}
    {{ get_rename_sql(make_intermediate_relation(relation), relation.identifier) }}
{%- endmacro %}

{% macro get_create_backup_sql(relation) -%}
    {%- do log('Applying CREATE BACKUP to: ' ~ relation) -%}
    {{ adapter.dispatch('get_create_backup_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_create_backup_sql(relation) -%}
    {%- set backup_relation = make_backup_relation(relation, relation.type) -%}
    {{ get_drop_sql(backup_relation) }};
    {{ get_rename_sql(relation, backup_relation.identifier) }}
{%- endmacro %}

{% macro get_drop_backup_sql(relation) -%}
    {%- do log('Applying DROP BACKUP to: ' ~ relation) -%}
    {{ adapter.dispatch('get_drop_backup_sql', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__get_drop_backup_sql(relation) -%}
    {{ get_drop_sql(make_backup_relation(relation, relation.type)) }}
{%- endmacro %}
