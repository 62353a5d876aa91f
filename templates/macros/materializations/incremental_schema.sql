{# What an incremental model does when its query has other columns than its table: `on_schema_change`. #}

{# The configured value if it is a known one; the default, with a warning in the log, if not. #}
{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') -%}
    {%- set known = ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}
    {%- if on_schema_change in known -%}
        {{ return(on_schema_change) }}
    {%- endif -%}
    {%- if on_schema_change -%}
        {%- do log('Invalid value for on_schema_change (' ~ on_schema_change ~ ') specified. Setting default value of ' ~ default ~ '.') -%}
    {%- endif -%}
    {{ return(default) }}
{%- endmacro %}

{# The columns to insert once the target agrees with the source; an empty dictionary where nothing was looked at. #}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) -%}
    {{ return(adapter.dispatch('process_schema_changes', 'dbt')(on_schema_change, source_relation, target_relation)) }}
{%- endmacro %}

{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) -%}
    {%- if on_schema_change == 'ignore' -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
    {%- if changes['schema_changed'] -%}
        {%- if on_schema_change == 'fail' -%}
            {%- do exceptions.raise_compiler_error(
                'The source and target schemas on this incremental model are out of sync!\n'
                ~ 'They can be reconciled by one of these:\n'
                ~ '  - set on_schema_change to append_new_columns or sync_all_columns\n'
                ~ '  - run the model once with --full-refresh\n'
                ~ '  - change the table by hand\n'
                ~ 'Source columns not in target: ' ~ get_list_of_column_names(changes['source_not_in_target']) ~ '\n'
                ~ 'Target columns not in source: ' ~ get_list_of_column_names(changes['target_not_in_source']) ~ '\n'
                ~ 'New column types: ' ~ changes['new_target_types']
            ) -%}
        {%- endif -%}
        {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
    {%- endif -%}
    {{ return(changes['source_columns']) }}
{%- endmacro %}

{# {schema_changed, source_not_in_target, target_not_in_source, source_columns, target_columns, new_target_types} #}
{% macro check_for_schema_changes(source_relation, target_relation) -%}
    {{ return(adapter.dispatch('check_for_schema_changes', 'dbt')(source_relation, target_relation)) }}
{%- endmacro %}

{% macro default__check_for_schema_changes(source_relation, target_relation) -%}
    {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
    {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
    {%- set changes = {
        'source_not_in_target': diff_columns(source_columns, target_columns),
        'target_not_in_source': diff_columns(target_columns, source_columns),
        'source_columns': source_columns,
        'target_columns': target_columns,
        'new_target_types': diff_column_data_types(source_columns, target_columns),
    } -%}
    {%- do changes.update({
        'schema_changed': (changes['source_not_in_target'] or changes['target_not_in_source'] or changes['new_target_types']) | length > 0
    }) -%}
    {%- if changes['schema_changed'] -%}
        {%- do log('In ' ~ target_relation.render() ~ ': source columns not in target: ' ~ changes['source_not_in_target']
            ~ ', target columns not in source: ' ~ changes['target_not_in_source']
            ~ ', new column types: ' ~ changes['new_target_types']) -%}
    {%- endif -%}
    {{ return(changes) }}
{%- endmacro %}

{# Alters the target. Columns are taken away and types changed only by `sync_all_columns`. #}
{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) -%}
    {{ return(adapter.dispatch('sync_column_schemas', 'dbt')(on_schema_change, target_relation, schema_changes_dict)) }}
{%- endmacro %}

{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) -%}
    {%- set add_columns = schema_changes_dict['source_not_in_target'] -%}
    {%- set remove_columns = schema_changes_dict['target_not_in_source'] if on_schema_change == 'sync_all_columns' else [] -%}
    {%- if add_columns or remove_columns -%}
        {%- do alter_relation_add_remove_columns(target_relation, add_columns, remove_columns) -%}
    {%- endif -%}
    {%- if on_schema_change == 'sync_all_columns' -%}
        {%- for change in schema_changes_dict['new_target_types'] -%}
            {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# Columns of the first list whose names the second does not have. #}
{% macro diff_columns(source_columns, target_columns) -%}
    {%- set names = target_columns | map(attribute='name') | map('lower') | list -%}
    {%- set difference = [] -%}
    {%- for column in source_columns if column.name | lower not in names -%}
        {%- do difference.append(column) -%}
    {%- endfor -%}
    {{ return(difference) }}
{%- endmacro %}

{# [{column_name, new_type}] for columns on both sides whose type differs and cannot just be widened. #}
{% macro diff_column_data_types(source_columns, target_columns) -%}
    {{ return(adapter.dispatch('diff_column_data_types', 'dbt')(source_columns, target_columns)) }}
{%- endmacro %}

{% macro default__diff_column_data_types(source_columns, target_columns) -%}
    {%- set changes = [] -%}
    {%- for source in source_columns -%}
        {%- for target in target_columns if target.name | lower == source.name | lower -%}
            {%- if source.expanded_data_type != target.expanded_data_type and not target.can_expand_to(other_column=source) -%}
                {%- do changes.append({'column_name': target.name, 'new_type': source.expanded_data_type}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(changes) }}
{%- endmacro %}
