{# A view, created beside the old relation and swapped in within one transaction. Dropping the old one rather than
   renaming it away also serves where it is a table with indexes, which cannot be renamed. #}

{% materialization view, adapter='duckdb' %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}

    {#- Left behind by an interrupted run of an engine that builds in several transactions, if at all. -#}
    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('main') -%}
        {{ get_create_view_as_sql(intermediate_relation, sql) }}
    {%- endcall -%}
    {%- if existing_relation is not none -%}
        {%- do restore_foreign_key_dependents(drop_relation_for_rebuild(existing_relation)) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}

    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
