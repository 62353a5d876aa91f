{# Materialized views. What their configuration can change in place are their indexes. #}

{% macro postgres__get_create_materialized_view_as_sql(relation, sql) -%}
    create materialized view if not exists {{ relation.render() }} as {{ sql }};
    {%- for index in config.get('indexes', default=[]) %}
    {{ get_create_index_sql(relation, index) }};
    {%- endfor -%}
{%- endmacro %}

{% macro postgres__refresh_materialized_view(relation) -%}
    refresh materialized view {{ relation.render() }}
{%- endmacro %}

{% macro postgres__get_rename_materialized_view_sql(relation, new_name) -%}
    alter materialized view {{ relation.render() }} rename to {{ adapter.quote(new_name) }}
{%- endmacro %}

{# {indexes: rows} #}
{% macro postgres__describe_materialized_view(relation) -%}
    {{ return({'indexes': run_query(get_show_indexes_sql(relation))}) }}
{%- endmacro %}

{# {drop: [name], create: [configured index]}, or none where the indexes are as configured. #}
{% macro postgres__get_materialized_view_configuration_changes(existing_relation, new_config) -%}
    {%- set wanted = {} -%}
    {%- for raw_index in new_config.get('indexes', default=[]) -%}
        {%- set index = adapter.parse_index(raw_index) -%}
        {%- do wanted.update({postgres__index_key(index.columns, index.unique, index.type or 'btree'): raw_index}) -%}
    {%- endfor -%}
    {%- set existing = {} -%}
    {%- for row in postgres__describe_materialized_view(existing_relation).indexes -%}
        {%- do existing.update({postgres__index_key(row['column_names'].split(','), row['unique'], row['method']): row['name']}) -%}
    {%- endfor -%}

    {%- set changes = {'drop': [], 'create': []} -%}
    {%- for key, name in existing.items() if key not in wanted -%}
        {%- do changes.drop.append(name) -%}
    {%- endfor -%}
    {%- for key, index in wanted.items() if key not in existing -%}
        {%- do changes.create.append(index) -%}
    {%- endfor -%}
    {{ return(changes if changes.drop or changes.create else none) }}
{%- endmacro %}

{# One text for what makes two indexes the same. #}
{% macro postgres__index_key(columns, unique, method) -%}
    {{ return((columns | map('trim') | join(',') ~ '/' ~ unique ~ '/' ~ method) | lower | replace(' ', '')) }}
{%- endmacro %}

{% macro postgres__get_alter_materialized_view_as_sql(
    relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation
) -%}
    {{ postgres__update_indexes_on_materialized_view(relation, configuration_changes) }}
{%- endmacro %}

{% macro postgres__update_indexes_on_materialized_view(relation, index_changes) -%}
    {%- do log('Applying UPDATE INDEXES to: ' ~ relation) -%}
    {%- for name in index_changes['drop'] %}
    {{ get_drop_index_sql(relation, name) }};
    {%- endfor %}
    {%- for index in index_changes['create'] %}
    {{ get_create_index_sql(relation, index) }};
    {%- endfor -%}
{%- endmacro %}
