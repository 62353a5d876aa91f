{# A model whose rows live in a file (Parquet, CSV, JSON), with a view over it under the model's name. #}

{% materialization external, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set temp_relation = make_intermediate_relation(this.incorporate(type='table')) -%}

    {%- set rendered_options = render_write_options(config) -%}
    {%- set location = config.get('location') or external_location(this, config) -%}
    {%- set location = location.rstrip('/') -%}
    {%- set format = external_format(rendered_options, location) -%}
    {%- set write_options = adapter.external_write_options(location, rendered_options) -%}
    {%- set read_location = adapter.external_read_location(location, rendered_options) -%}

    {{ drop_relation_if_exists(load_cached_relation(temp_relation)) }}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('stage', language=model['language']) -%}
        {{ create_table_as(False, temp_relation, compiled_code, model['language']) }}
    {%- endcall -%}
    {%- set columns = adapter.get_columns_in_relation(temp_relation) -%}
    {%- set is_empty = run_query('select 1 from ' ~ temp_relation.render() ~ ' limit 1') | length == 0 -%}
    {%- if is_empty -%}
        {#- Some formats keep no columns without a row to show them: one of nulls is written, and the view leaves it out. -#}
        {%- call statement() -%}
            insert into {{ temp_relation }} values ({% for column in columns %}null{{ ', ' if not loop.last }}{% endfor %})
        {%- endcall -%}
    {%- endif -%}
    {%- do write_to_file(temp_relation, location, write_options) -%}

    {%- if existing_relation is not none -%}
        {%- do restore_foreign_key_dependents(drop_relation_for_rebuild(existing_relation)) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create view {{ target_relation }} as (
            select *
            from {{ external_read_function(format, rendered_options) }}('{{ read_location }}', {{ external_read_options(format, rendered_options) }})
            {%- if is_empty %}
            where {% for column in columns %}{{ column.quoted }} is not null{{ ' or ' if not loop.last }}{% endfor %}
            {%- endif %}
        );
    {%- endcall -%}
    {%- call statement() -%}
        {{ get_drop_sql(temp_relation) }}
    {%- endcall -%}

    {%- set plugin_name = config.get('plugin') -%}
    {%- if plugin_name is not none -%}
        {%- do store_relation(plugin_name, target_relation, location, format, config) -%}
    {%- endif -%}

    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}

    {{ adapter.commit() }}

    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# As configured, else by the file's ending, else Parquet. #}
{% macro external_format(rendered_options, location) -%}
    {%- set format = rendered_options.get('format') or location.split('.')[-1] | lower -%}
    {{ return(format if format in ('parquet', 'csv', 'json') else 'parquet') }}
{%- endmacro %}

{% macro external_read_function(format, rendered_options) -%}
    {{ return({'csv': 'read_csv', 'json': 'read_json'}.get(format, 'read_parquet')) }}
{%- endmacro %}

{% macro external_read_options(format, rendered_options) -%}
    {%- if format == 'parquet' -%}
        union_by_name=false
    {%- else -%}
        auto_detect=true
    {%- endif -%}
{%- endmacro %}

{# Where the file goes unless the model says: beside the others under the profile's `external_root`, named like the model. #}
{% macro external_location(relation, config) -%}
    {%- set partitioned = (config.get('options') or {}).get('partition_by') -%}
    {%- set path = adapter.external_root() ~ '/' ~ relation.identifier -%}
    {{ return(path if partitioned else path ~ '.' ~ config.get('format', 'parquet')) }}
{%- endmacro %}

{# `options`, with `format` and `delimiter` put in: {name: text} #}
{% macro render_write_options(config) -%}
    {%- set options = {} -%}
    {%- for name, value in (config.get('options') or {}).items() -%}
        {%- do options.update({name: render(value | string)}) -%}
    {%- endfor -%}
    {%- for name in ['format', 'delimiter'] if config.get(name) is not none and name not in options -%}
        {%- do options.update({name: config.get(name)}) -%}
    {%- endfor -%}
    {{ return(options) }}
{%- endmacro %}

{% macro write_to_file(relation, location, options) -%}
    {%- call statement('write_to_file') -%}
        copy {{ relation }} to '{{ location }}' ({{ options }})
    {%- endcall -%}
{%- endmacro %}

{% macro location_exists(location) -%}
    {{ return(adapter.location_exists(location)) }}
{%- endmacro %}

{# Hands a written file to a plugin of the profile. #}
{% macro store_relation(plugin, relation, location, format, config) -%}
    {%- do adapter.store_relation(plugin, relation, adapter.get_columns_in_relation(relation), location, format, config) -%}
{%- endmacro %}

{# For `on-run-start` with an in-memory database: files of external models that this run reads but does not build get
   their views, as no earlier run has left any. #}
{% macro register_upstream_external_models() -%}
    {%- if execute -%}
        {%- set upstream = [] -%}
        {%- for unique_id in selected_resources if unique_id in graph.nodes -%}
            {%- for parent_id in graph.nodes[unique_id].depends_on.nodes if parent_id in graph.nodes and parent_id not in selected_resources and parent_id not in upstream -%}
                {%- do upstream.append(parent_id) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for unique_id in upstream if graph.nodes[unique_id].config.materialized == 'external' -%}
            {%- do register_external_model(graph.nodes[unique_id]) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro register_external_model(node) -%}
    {%- set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='view') -%}
    {%- set rendered_options = render_write_options(node.config) -%}
    {%- set location = (node.config.get('location') or external_location(relation, node.config)).rstrip('/') -%}
    {%- if not location_exists(location) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set format = external_format(rendered_options, location) -%}
    {%- do adapter.create_schema(relation) -%}
    {%- call statement('register_external_model') -%}
        create or replace view {{ relation }} as (
            select *
            from {{ external_read_function(format, rendered_options) }}('{{ adapter.external_read_location(location, rendered_options) }}', {{ external_read_options(format, rendered_options) }})
        );
    {%- endcall -%}
{%- endmacro %}
