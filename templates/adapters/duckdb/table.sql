{# A table, built beside the old one and swapped in within one transaction: readers see the old rows until the
   commit, and a failure anywhere leaves them. Dropping the old table rather than renaming it away keeps its
   indexes out of the way; the drop is undone like anything else. #}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}

    {#- Left behind by an interrupted run of an engine that builds in several transactions, if at all. -#}
    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- do duckdb__build_table(existing_relation, target_relation, intermediate_relation) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {%- do persist_docs(target_relation, model) -%}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# The part that a full refresh of an incremental model shares. #}
{% macro duckdb__build_table(existing_relation, target_relation, intermediate_relation) -%}
    {%- set in_place = existing_relation is none or has_foreign_key_constraints() -%}
    {%- set dropped = [] -%}

    {%- if in_place and existing_relation is not none -%}
        {%- do dropped.extend(drop_relation_for_rebuild(existing_relation)) -%}
    {%- endif -%}
    {%- call statement('main', language=model['language']) -%}
        {{ create_table_as(False, target_relation if in_place else intermediate_relation, compiled_code, model['language']) }}
    {%- endcall -%}
    {%- if not in_place -%}
        {%- do dropped.extend(drop_relation_for_rebuild(existing_relation)) -%}
        {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}
    {%- endif -%}

    {%- do restore_foreign_key_dependents(dropped) -%}
    {%- do create_indexes(target_relation) -%}
{%- endmacro %}
