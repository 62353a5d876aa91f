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
    con.execute("""{{ create }} {{ name }} as select * from \"{{ source }}\" limit 0""")
    {%- if partitioned_by %}
    con.execute("""{{ duckdb__alter_table_set_partitioned_by(name, partitioned_by) }}""")
    {%- endif %}
    {%- if sorted_by %}
    con.execute("""{{ duckdb__alter_table_set_sorted_by(name, sorted_by) }}""")
    {%- endif %}
    con.execute("""insert into {{ name }} select * from \"{{ source }}\"""")
    {%- else %}
    con.execute("""{{ create }} {{ name }} as select * from \"{{ source }}\"""")
    {%- endif %}
    con.unregister("{{ source }}")
{%- endmacro %}


{# Rows on their way to a Python model and back lie in Parquet files. `columns` are dictionaries of `name`, `type`
   and `carrier`: the type in the file, where Parquet lacks the column's own. `expression` is what may stand after
   `from`. #}
{% macro py_columns_sql(expression) -%}
    describe select * from {{ expression }}
{%- endmacro %}

{% macro py_export_sql(expression, columns, path) -%}
    copy (
        select {% for column in columns %}{{ py_cast(column, column.carrier) }}{{ ', ' if not loop.last }}{% endfor %}
        from {{ expression }}
    ) to '{{ path | replace("'", "''") }}' (format parquet)
{%- endmacro %}

{# The name by which the statement of `py_write_table` reads the result. #}
{% macro py_import_sql(name, columns, path) -%}
    create or replace temporary view {{ adapter.quote(name) }} as
    select {% for column in columns %}{{ py_cast(column, column.type if column.carrier) }}{{ ', ' if not loop.last }}{% else %}*{% endfor %}
    from read_parquet('{{ path | replace("'", "''") }}')
{%- endmacro %}

{% macro py_forget_sql(name) -%}
    drop view if exists temp.main.{{ adapter.quote(name) }}
{%- endmacro %}

{% macro py_cast(column, type) -%}
    {%- set name = adapter.quote(column.name) -%}
    {{ 'cast(' ~ name ~ ' as ' ~ type ~ ') as ' ~ name if type else name }}
{%- endmacro %}
