{# Python models on DuckDB. #}

{# The model's code with the function that writes its result. `con` needs `register`, `execute` and `unregister`: the
   result gets a name, and the statement that builds the relation reads from it. #}
{% macro py_write_table(temporary, relation, compiled_code, partitioned_by=none, sorted_by=none) -%}
{%- set source = '__dbt_python_model_df_' ~ relation.identifier -%}
{%- set name = relation.include(database=(not temporary), schema=(not temporary)) -%}
{%- set create = 'create or replace temporary table' if temporary else 'create table' -%}
{{ compiled_code }}


def materialize(df, con):
    con.register("{{ source }}", df)
    {%- if partitioned_by or sorted_by %}
    con.execute("""{{ create }} {{ name }} as select * from {{ source }} limit 0""")
    {%- if partitioned_by %}
    con.execute("""{{ duckdb__alter_table_set_partitioned_by(name, partitioned_by) }}""")
    {%- endif %}
    {%- if sorted_by %}
    con.execute("""{{ duckdb__alter_table_set_sorted_by(name, sorted_by) }}""")
    {%- endif %}
    con.execute("""insert into {{ name }} select * from {{ source }}""")
    {%- else %}
    con.execute("""{{ create }} {{ name }} as select * from {{ source }}""")
    {%- endif %}
    con.unregister("{{ source }}")
{%- endmacro %}
