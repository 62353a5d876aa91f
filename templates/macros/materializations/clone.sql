{# A copy of the node in the state being deferred to: a clone of the table where the warehouse has such a thing, and
   otherwise a view over it. #}

{%- materialization clone, default -%}
    {%- set existing_relation = load_cached_relation(this) -%}

    {%- if not defer_relation -%}
        {{ log('No relation found in state manifest for ' ~ model.unique_id, info=True) }}
        {{ return({'relations': []}) }}
    {%- elif existing_relation and not flags.FULL_REFRESH -%}
        {{ log('Relation ' ~ existing_relation.render() ~ ' already exists', info=True) }}
        {{ return({'relations': []}) }}
    {%- elif existing_relation and this.render() == defer_relation.render() -%}
        {{ log('Target relation and defer relation are the same, skipping clone for relation: ' ~ this.render(), info=True) }}
        {{ return({'relations': []}) }}
    {%- endif -%}

    {%- set source_relation = load_cached_relation(defer_relation) -%}
    {%- if source_relation and source_relation.type == 'table' and can_clone_table() -%}
        {%- set target_relation = this.incorporate(type='table') -%}
        {%- if existing_relation is not none and not existing_relation.is_table -%}
            {%- do log('Dropping relation ' ~ existing_relation.render() ~ ' because it is of type ' ~ existing_relation.type) -%}
            {%- do drop_relation_if_exists(existing_relation) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            {{ create_or_replace_clone(target_relation, defer_relation) }}
        {%- endcall -%}
        {%- do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing_relation, full_refresh_mode=True)) -%}
        {%- do persist_docs(target_relation, model) -%}
        {{ adapter.commit() }}
        {{ return({'relations': [target_relation]}) }}
    {%- else -%}
        {#- The engine makes `sql` a query of everything in `defer_relation`. -#}
        {%- set own = 'materialization_view_' ~ adapter.type() -%}
        {%- set materialize_view = context[own] if own in context else context['materialization_view_default'] -%}
        {{ return(materialize_view()) }}
    {%- endif -%}
{%- endmaterialization -%}

{% macro can_clone_table() -%}
    {{ return(adapter.dispatch('can_clone_table', 'dbt')()) }}
{%- endmacro %}

{% macro default__can_clone_table() -%}
    {{ return(False) }}
{%- endmacro %}

{% macro create_or_replace_clone(this_relation, defer_relation) -%}
    {{ return(adapter.dispatch('create_or_replace_clone', 'dbt')(this_relation, defer_relation)) }}
{%- endmacro %}

{% macro default__create_or_replace_clone(this_relation, defer_relation) -%}
    create or replace table {{ this_relation.render() }} clone {{ defer_relation.render() }}
{%- endmacro %}
