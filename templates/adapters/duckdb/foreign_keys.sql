{# Foreign keys against rebuilding. DuckDB refuses to drop a table that another one references, and a table that
   references is spoilt by a rename (its parent keeps looking for the old name). So tables with foreign keys are
   built in place, and the tables that reference a rebuilt one give way: they are copied without constraints, which
   come back when the same run rebuilds them. All of it inside the transaction of the rebuild. #}

{# Drops the relation that is about to be replaced, by a statement that begins the transaction if need be; gives
   what `restore_foreign_key_dependents` wants once the new one is in place. #}
{% macro drop_relation_for_rebuild(relation) -%}
    {%- set dropped = drop_foreign_key_dependents(relation) if may_be_foreign_key_target(relation) else [] -%}
    {%- call statement('drop_relation_for_rebuild') -%}
        {{ get_drop_sql(relation) }}
    {%- endcall -%}
    {%- do adapter.cache_dropped(relation) -%}
    {{ return(dropped) }}
{%- endmacro %}

{# Kinds of constraints that the model under its contract asks for: ['primary_key', 'foreign_key', ..] #}
{% macro enforced_constraint_types() -%}
    {%- set types = [] -%}
    {%- if config.get('contract').enforced -%}
        {%- for column in model['columns'].values() -%}
            {%- do types.extend(column.get('constraints', []) | map(attribute='type') | map('string')) -%}
        {%- endfor -%}
        {%- do types.extend(model.get('constraints', []) | map(attribute='type') | map('string')) -%}
    {%- endif -%}
    {{ return(types) }}
{%- endmacro %}

{# Kinds of keys that an existing table has: ['primary_key', 'unique'] #}
{% macro existing_constraint_types(relation) -%}
    {%- set types = [] -%}
    {%- for row in run_query('select distinct key from (describe ' ~ relation.render() ~ ') where key is not null') -%}
        {%- do types.append({'PRI': 'primary_key', 'UNI': 'unique'}.get(row[0])) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}

{# Whether the model's own table references others. #}
{% macro has_foreign_key_constraints(relation=none) -%}
    {{ return('foreign_key' in enforced_constraint_types()) }}
{%- endmacro %}

{# Only a table with a key can be referenced. #}
{% macro may_be_foreign_key_target(relation=none) -%}
    {{ return(relation is not none and relation.type == 'table' and existing_constraint_types(relation) | length > 0) }}
{%- endmacro %}

{# Copies and drops every table that references this one, directly or through others, the farthest first. #}
{% macro drop_foreign_key_dependents(relation) -%}
    {%- set sql -%}
        with recursive reference as (
            select distinct table_name, referenced_table
            from duckdb_constraints()
            where constraint_type = 'FOREIGN KEY'
              and lower(database_name) = lower('{{ relation.database }}')
              and lower(schema_name) = lower('{{ relation.schema }}')
              and lower(table_name) <> lower(referenced_table)
        ),
        dependent as (
            select table_name, 1 as distance
            from reference
            where lower(referenced_table) = lower('{{ relation.identifier }}')
            union
            select reference.table_name, dependent.distance + 1
            from reference
            join dependent on lower(reference.referenced_table) = lower(dependent.table_name)
        )
        select table_name
        from dependent
        group by table_name
        order by max(distance) desc, table_name
    {%- endset -%}
    {%- set dependents = [] -%}
    {%- for row in run_query(sql) -%}
        {%- do dependents.append(api.Relation.create(database=relation.database, schema=relation.schema, identifier=row[0], type='table')) -%}
    {%- endfor -%}
    {%- do assert_rebuilt_in_this_run(relation, dependents) -%}

    {%- set dropped = [] -%}
    {%- for dependent in dependents -%}
        {%- set backup = make_backup_relation(dependent, 'table', '__dbt_fk_backup') -%}
        {%- call statement() -%}
            create or replace table {{ backup }} as select * from {{ dependent }}
        {%- endcall -%}
        {%- do adapter.drop_relation(dependent) -%}
        {%- do dropped.append({'dependent': dependent, 'backup': backup}) -%}
    {%- endfor -%}
    {{ return(dropped) }}
{%- endmacro %}

{# A dependent that nobody rebuilds would be without its constraints from now on. #}
{% macro assert_rebuilt_in_this_run(relation, dependents) -%}
    {%- set rebuilt = [] -%}
    {%- for node in graph.nodes.values() if node.unique_id in selected_resources -%}
        {%- do rebuilt.append((node.schema ~ '.' ~ (node.alias or node.name)) | lower) -%}
    {%- endfor -%}
    {%- set left_alone = [] -%}
    {%- for dependent in dependents if (dependent.schema ~ '.' ~ dependent.identifier) | lower not in rebuilt -%}
        {%- do left_alone.append(dependent.identifier) -%}
    {%- endfor -%}
    {%- if left_alone -%}
        {%- do exceptions.raise_compiler_error(
            'Cannot replace ' ~ relation.render() ~ ': foreign keys of ' ~ left_alone | join(', ')
            ~ ' reference it, and this run does not rebuild them; select them as well'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro restore_foreign_key_dependents(dropped) -%}
    {%- for entry in dropped -%}
        {%- do log(entry.dependent.render() ~ ' is without constraints until this run rebuilds it, because a table that it references was replaced', info=true) -%}
        {%- do adapter.rename_relation(entry.backup, entry.dependent) -%}
    {%- endfor -%}
{%- endmacro %}
