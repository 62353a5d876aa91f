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

    {%- set rebuild = start_rebuild(existing_relation, target_relation, intermediate_relation) -%}
    {%- call statement('main', language=model['language']) -%}
        {{ create_table_as(False, rebuild.relation, compiled_code, model['language']) }}
    {%- endcall -%}
    {%- do finish_rebuild(rebuild, existing_relation, target_relation) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {%- do persist_docs(target_relation, model) -%}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Before and after the statement that builds a table, here and in incremental models. Where there is nothing to
   replace, or where a foreign key forbids renaming, `relation` (the one to build) is the target itself. #}
{% macro start_rebuild(existing_relation, target_relation, intermediate_relation) -%}
    {%- if existing_relation is none -%}
        {{ return({'relation': target_relation, 'dropped': []}) }}
    {%- elif has_foreign_key_constraints() -%}
        {{ return({'relation': target_relation, 'dropped': drop_relation_for_rebuild(existing_relation)}) }}
    {%- endif -%}
    {{ return({'relation': intermediate_relation, 'dropped': []}) }}
{%- endmacro %}

{% macro finish_rebuild(rebuild, existing_relation, target_relation) -%}
    {%- if rebuild.relation.identifier != target_relation.identifier -%}
        {%- do rebuild.dropped.extend(drop_relation_for_rebuild(existing_relation)) -%}
        {%- do adapter.rename_relation(rebuild.relation, target_relation) -%}
    {%- endif -%}
    {%- do restore_foreign_key_dependents(rebuild.dropped) -%}
    {%- do create_indexes(target_relation) -%}
{%- endmacro %}
