{# Checks of the merge settings. All mistakes are gathered and told at once. #}

{% macro validate_merge_config(config, target_relation=none) -%}
    {%- set errors = [] -%}
    {%- for name in ['merge_update_condition', 'merge_insert_condition'] -%}
        {%- do validate_string_field(config.get(name), name, errors) -%}
    {%- endfor -%}
    {%- for name in ['merge_update_columns', 'merge_exclude_columns', 'merge_on_using_columns', 'merge_returning_columns'] -%}
        {%- do validate_string_list_field(config.get(name), name, errors) -%}
    {%- endfor -%}
    {%- do validate_dict_field(config.get('merge_update_set_expressions'), 'merge_update_set_expressions', errors) -%}
    {%- do validate_merge_clauses(config, [
        'merge_update_condition', 'merge_insert_condition', 'merge_update_columns', 'merge_exclude_columns', 'merge_update_set_expressions',
    ], errors) -%}
    {%- if not errors -%}
        {%- do validate_ducklake_restrictions(config, target_relation, errors) -%}
    {%- endif -%}
    {%- if errors -%}
        {%- do exceptions.raise_compiler_error('MERGE configuration errors:\n' ~ errors | join('\n')) -%}
    {%- endif -%}
{%- endmacro %}

{# `merge_clauses` is a dictionary of lists, and replaces the simpler settings rather than adding to them. #}
{% macro validate_merge_clauses(config, base_configuration_fields, errors) -%}
    {%- set merge_clauses = config.get('merge_clauses') -%}
    {%- if merge_clauses is none -%}
        {{ return(errors) }}
    {%- elif merge_clauses is not mapping -%}
        {%- do errors.append('merge_clauses must be a dictionary, found: ' ~ merge_clauses) -%}
        {{ return(errors) }}
    {%- endif -%}

    {%- set overruled = [] -%}
    {%- for name in base_configuration_fields if config.get(name) -%}
        {%- do overruled.append(name) -%}
    {%- endfor -%}
    {%- if overruled -%}
        {%- do errors.append('When merge_clauses is specified, the following basic merge configurations will be ignored and should be removed: ' ~ overruled | join(', ')) -%}
    {%- endif -%}

    {%- if 'when_matched' not in merge_clauses and 'when_not_matched' not in merge_clauses -%}
        {%- do errors.append("merge_clauses must contain at least one of 'when_matched' or 'when_not_matched'") -%}
    {%- endif -%}
    {%- for clause_type in merge_clauses -%}
        {%- if clause_type in ('when_matched', 'when_not_matched') -%}
            {%- do validate_merge_clause_list(merge_clauses, clause_type, errors) -%}
        {%- else -%}
            {%- do errors.append('merge_clauses does not know: ' ~ clause_type) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(errors) }}
{%- endmacro %}

{% macro validate_merge_clause_list(merge_clauses, clause_type, errors) -%}
    {%- set clauses = merge_clauses[clause_type] -%}
    {%- set place = 'merge_clauses.' ~ clause_type -%}
    {%- set actions = ['update', 'delete', 'do_nothing', 'error'] + (['insert'] if clause_type == 'when_not_matched' else []) -%}
    {%- if clauses is string or clauses is mapping or clauses is not iterable -%}
        {%- do errors.append(place ~ ' must be a list') -%}
        {{ return(errors) }}
    {%- elif not clauses -%}
        {%- do errors.append(place ~ ' must contain at least one element') -%}
    {%- endif -%}

    {%- for clause in clauses -%}
        {%- if clause is not mapping -%}
            {%- do errors.append(place ~ ' elements must be dictionaries, found: ' ~ clause) -%}
        {%- else -%}
            {%- if clause.action and clause.action not in actions -%}
                {%- do errors.append(place ~ ': unknown action `' ~ clause.action ~ '`, expected one of ' ~ actions | join(', ')) -%}
            {%- endif -%}
            {%- if clause.mode and clause.mode not in ('by_name', 'by_position', 'star', 'explicit') -%}
                {%- do errors.append(place ~ ': unknown mode `' ~ clause.mode ~ '`, expected one of by_name, by_position, star, explicit') -%}
            {%- endif -%}
            {%- do validate_string_field(clause.condition or none, place ~ '.condition', errors) -%}
            {%- if clause.mode == 'explicit' and clause.action == 'insert' -%}
                {%- set insert = clause.insert or {} -%}
                {%- if not insert.columns or not insert.get('values') or insert.columns | length != insert.get('values') | length -%}
                    {%- do errors.append(place ~ ': an explicit insert needs `insert.columns` and as many `insert.values`') -%}
                {%- endif -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(errors) }}
{%- endmacro %}

{# DuckLake's MERGE takes one action that changes matched rows. #}
{% macro validate_ducklake_restrictions(config, target_relation, errors) -%}
    {%- set changing = [] -%}
    {%- for clause in (config.get('merge_clauses') or {}).get('when_matched', []) if clause.action in ('update', 'delete') -%}
        {%- do changing.append(clause.action) -%}
    {%- endfor -%}
    {%- if changing | length > 1 and target_relation is not none and adapter.is_ducklake(target_relation) -%}
        {%- do errors.append('DuckLake MERGE supports a single UPDATE or DELETE action in when_matched, found: ' ~ changing | join(', ')) -%}
    {%- endif -%}
    {{ return(errors) }}
{%- endmacro %}

{% macro validate_string_field(field_value, field_name, errors) -%}
    {%- if field_value is not none and field_value is not string -%}
        {%- do errors.append(field_name ~ ' must be a string, found: ' ~ field_value) -%}
    {%- endif -%}
{%- endmacro %}

{% macro validate_string_list_field(field_value, field_name, errors) -%}
    {%- if field_value is none -%}
        {{ return(errors) }}
    {%- elif field_value is string or field_value is mapping or field_value is not iterable -%}
        {%- do errors.append(field_name ~ ' must be a list') -%}
        {{ return(errors) }}
    {%- endif -%}
    {%- for entry in field_value if entry is not string -%}
        {%- do errors.append(field_name ~ ' must contain only strings, found: ' ~ entry) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro validate_dict_field(field_value, field_name, errors) -%}
    {%- if field_value is not none and field_value is not mapping -%}
        {%- do errors.append(field_name ~ ' must be a dictionary, found: ' ~ field_value) -%}
    {%- endif -%}
{%- endmacro %}

{# `incremental_predicates` as a list, whether written as one or as a single text. #}
{% macro normalize_incremental_predicates(incremental_predicates) -%}
    {{ return(normalize_string_or_list(incremental_predicates, 'incremental_predicates')) }}
{%- endmacro %}
