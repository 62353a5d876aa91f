{# The merge strategy, on DuckDB's MERGE. A model says little (a key), more (`merge_update_condition` and its kin) or
   everything (`merge_clauses`); the first two are turned into clauses, so that one piece of code writes them all. #}

{% macro duckdb__get_incremental_merge_sql(args_dict) -%}
    {{ return(get_merge_sql(
        args_dict['target_relation'], args_dict['temp_relation'], args_dict['unique_key'],
        args_dict['dest_columns'], args_dict['incremental_predicates']
    )) }}
{%- endmacro %}

{% macro duckdb__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- do validate_merge_config(config, target) -%}
    {%- set clauses = merge_clause_defaults(
        config.get('merge_update_condition'), config.get('merge_insert_condition'), config.get('merge_update_columns'),
        config.get('merge_exclude_columns'), config.get('merge_update_set_expressions')
    ) -%}
    {%- do clauses.update(config.get('merge_clauses') or {}) -%}
    {%- set returning = config.get('merge_returning_columns') -%}
    {#- A model may give fewer columns than its table has, or new ones that the table is not to get. -#}
    {%- set dest_names = get_list_of_column_names(dest_columns) | map('lower') | list -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(source) if column.name | lower in dest_names -%}
        {%- do columns.append(column) -%}
    {%- endfor -%}

    {{ config.get('sql_header') or '' }}
    merge into {{ target }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    {{ duckdb__merge_join_clause(unique_key, config.get('merge_on_using_columns'), incremental_predicates) }}
    {%- for clause in clauses['when_matched'] %}
    when matched{{ ' and (' ~ clause.condition ~ ')' if clause.condition }} then {{ merge_clause_action(clause, 'update', columns) }}
    {%- endfor %}
    {%- for clause in clauses['when_not_matched'] %}
    {#- Only rows of the target can be updated or deleted: there it is the source that has no match. #}
    {%- set by = clause.by or ('source' if clause.action in ('update', 'delete') else 'target') %}
    when not matched by {{ by }}{{ ' and (' ~ clause.condition ~ ')' if clause.condition }} then {{ merge_clause_action(clause, 'insert', columns if by == 'target' else []) }}
    {%- endfor %}
    {{ 'returning ' ~ returning | join(', ') if returning }}
{%- endmacro %}

{# USING takes column names and nothing else, so with predicates the columns are compared in ON instead. Without a key
   nothing matches. #}
{% macro duckdb__merge_join_clause(unique_key, merge_on_using_columns, incremental_predicates) -%}
    {%- if merge_on_using_columns and not incremental_predicates -%}
        {{ return('using (' ~ merge_on_using_columns | join(', ') ~ ')') }}
    {%- endif -%}
    {%- set keys = merge_on_using_columns or unique_key or [] -%}
    {%- set conditions = [] -%}
    {%- for key in ([keys] if keys is string else keys) -%}
        {%- do conditions.append(get_merge_unique_key_match('DBT_INTERNAL_SOURCE.' ~ key, 'DBT_INTERNAL_DEST.' ~ key)) -%}
    {%- endfor -%}
    {{ return('on (' ~ ((conditions or ['false']) + normalize_incremental_predicates(incremental_predicates)) | join(') and (') ~ ')') }}
{%- endmacro %}

{# The clauses of a model that writes none. #}
{% macro merge_clause_defaults(
    merge_update_condition, merge_insert_condition, merge_update_columns=[], merge_exclude_columns=[], merge_update_set_expressions={}
) -%}
    {%- set explicit = merge_update_columns or merge_exclude_columns or merge_update_set_expressions -%}
    {%- if merge_update_columns and merge_exclude_columns -%}
        {%- do exceptions.raise_compiler_error('Model cannot specify merge_update_columns and merge_exclude_columns. Please update model to use only one config') -%}
    {%- endif -%}
    {{ return({
        'when_matched': [{
            'action': 'update',
            'mode': 'explicit' if explicit else 'by_name',
            'condition': merge_update_condition,
            'update': {
                'include': merge_update_columns,
                'exclude': merge_exclude_columns,
                'set_expressions': merge_update_set_expressions,
            },
        }],
        'when_not_matched': [{'action': 'insert', 'mode': 'by_name', 'condition': merge_insert_condition}],
    }) }}
{%- endmacro %}

{# What comes after THEN. `columns` are those of the source row, if there is one. A dictionary is asked by `get` where its
   keys, `update` and `values`, are also names of its methods. #}
{% macro merge_clause_action(clause, default_action, columns) -%}
    {%- set action = clause.action or default_action -%}
    {%- set mode = clause.mode or 'by_name' -%}
    {%- if action == 'do_nothing' -%}
        do nothing
    {%- elif action == 'delete' -%}
        delete
    {%- elif action == 'error' -%}
        error {{ "'" ~ clause.error_message | replace("'", "''") ~ "'" if clause.error_message }}
    {%- elif mode == 'by_position' -%}
        {{ action }} by position
    {%- elif mode == 'star' -%}
        {{ 'update set *' if action == 'update' else 'insert *' }}
    {%- elif action == 'update' -%}
        update set {{ merge_assignments(clause.get('update') or clause, columns) }}
    {%- elif mode == 'explicit' -%}
        insert ({{ clause.insert.columns | join(', ') }}) values ({{ clause.insert.get('values') | join(', ') }})
    {%- else -%}
        {%- set names = columns | map(attribute='quoted') | join(', ') -%}
        insert ({{ names }}) values ({{ names }})
    {%- endif -%}
{%- endmacro %}

{# The given expressions, then the other columns as the source has them: those included, or all but those excluded. #}
{% macro merge_assignments(settings, columns) -%}
    {%- set expressions = settings.set_expressions or {} -%}
    {%- set included = (settings.include or []) | map('lower') | list -%}
    {%- set skipped = (settings.exclude or []) | map('lower') | list + expressions.keys() | map('lower') | list -%}
    {%- set assignments = [] -%}
    {%- for name, expression in expressions.items() -%}
        {%- do assignments.append(name ~ ' = ' ~ expression) -%}
    {%- endfor -%}
    {%- for column in columns if column.name | lower not in skipped and (not included or column.name | lower in included) -%}
        {%- do assignments.append(column.quoted ~ ' = DBT_INTERNAL_SOURCE.' ~ column.quoted) -%}
    {%- endfor -%}
    {{ assignments | join(', ') }}
{%- endmacro %}
