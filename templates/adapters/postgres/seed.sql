{# Seeds: rows are streamed by COPY. #}

{% macro postgres__load_csv_rows(model, agate_table) -%}
    {%- do adapter.load_rows(this, agate_table) -%}
    {{ return('copy ' ~ this.render() ~ ' (' ~ get_seed_column_quoted_csv(model, agate_table.column_names) ~ ') from stdin') }}
{%- endmacro %}
