{# A view with parameters. #}

{% materialization table_function, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set parameters = normalize_string_or_list(config.get('parameters'), 'parameters') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('main') -%}
        create or replace function {{ target_relation.render() }}({{ parameters | join(', ') }}) as table (
            {{ sql }}
        );
    {%- endcall -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {#- A function stands beside tables and views, not among them: the relation cache has no place for it. -#}
    {{ return({'relations': []}) }}
{% endmaterialization %}
