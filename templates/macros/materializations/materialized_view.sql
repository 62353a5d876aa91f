{# A materialized view: created, replaced on a full refresh, altered where its configuration changed (as
   `on_configuration_change` says), and otherwise refreshed. #}

{% materialization materialized_view, default %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type=this.MaterializedView) -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- set backup_relation = make_backup_relation(target_relation, target_relation.type if existing_relation is none else existing_relation.type) -%}

    {%- do materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) -%}

    {%- set build_sql = materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) -%}
    {%- if build_sql | trim -%}
        {%- do materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) -%}
    {%- else -%}
        {%- do materialized_view_execute_no_op(target_relation) -%}
    {%- endif -%}

    {%- do materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) -%}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) -%}
    {#- Left behind by an interrupted run, if at all. -#}
    {%- do drop_relation_if_exists(load_cached_relation(backup_relation)) -%}
    {%- do drop_relation_if_exists(load_cached_relation(intermediate_relation)) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
{%- endmacro %}

{% macro materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) -%}
    {%- do drop_relation_if_exists(load_cached_relation(backup_relation)) -%}
    {%- do drop_relation_if_exists(load_cached_relation(intermediate_relation)) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{%- endmacro %}

{# The statement to run; nothing where nothing is to be done. #}
{% macro materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) -%}
    {%- if existing_relation is none -%}
        {{ return(get_create_materialized_view_as_sql(target_relation, sql)) }}
    {%- elif should_full_refresh() or not existing_relation.is_materialized_view -%}
        {{ return(get_replace_sql(existing_relation, target_relation, sql)) }}
    {%- endif -%}

    {%- set configuration_changes = get_materialized_view_configuration_changes(existing_relation, config) -%}
    {%- set on_configuration_change = config.get('on_configuration_change') -%}
    {%- if configuration_changes is none -%}
        {{ return(refresh_materialized_view(target_relation)) }}
    {%- elif on_configuration_change == 'apply' -%}
        {{ return(get_alter_materialized_view_as_sql(target_relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation)) }}
    {%- elif on_configuration_change == 'continue' -%}
        {%- do exceptions.warn('Configuration changes were identified and `on_configuration_change` was set to `continue` for `' ~ target_relation.render() ~ '`') -%}
        {{ return('') }}
    {%- elif on_configuration_change == 'fail' -%}
        {%- do exceptions.raise_fail_fast_error('Configuration changes were identified and `on_configuration_change` was set to `fail` for `' ~ target_relation.render() ~ '`') -%}
    {%- endif -%}
    {%- do exceptions.raise_compiler_error('Unexpected configuration scenario: `' ~ on_configuration_change ~ '`') -%}
{%- endmacro %}

{% macro materialized_view_execute_no_op(target_relation) -%}
    {%- do store_raw_result(name='main', message='skip ' ~ target_relation.render(), code='skip', rows_affected=-1) -%}
{%- endmacro %}

{% macro materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) -%}
    {%- set grant_config = config.get('grants') -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement(name='main') -%}
        {{ build_sql }}
    {%- endcall -%}

    {%- set is_replaced = should_full_refresh() or existing_relation is none or not existing_relation.is_materialized_view -%}
    {%- do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing_relation, full_refresh_mode=is_replaced)) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}
{%- endmacro %}
