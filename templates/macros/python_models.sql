{# Python models: the text that is put after the user's code, and in which `dbt.ref`, `dbt.source`, `dbt.config`,
   `dbt.this` and `dbt.is_incremental` come to life. It expects a function that loads a relation by its name. #}

{# A relation's name as the loading function wants it. #}
{% macro resolve_model_name(input_model_name) -%}
    {{ return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) }}
{%- endmacro %}

{% macro default__resolve_model_name(input_model_name) -%}
    {{ input_model_name | string | replace('"', '\\"') }}
{%- endmacro %}

{% macro build_ref_function(model) %}
    {%- set names = {} -%}
    {%- for wanted in model.refs -%}
        {%- set parts = [wanted.package, wanted.name] if wanted.package else [wanted.name] -%}
        {%- set relation = ref(*parts, version=wanted.version) if wanted.version else ref(*parts) -%}
        {%- set key = parts | join('.') ~ ('.v' ~ wanted.version if wanted.version) -%}
        {%- do names.update({key: resolve_model_name(relation)}) -%}
    {%- endfor %}
def ref(*args, **kwargs):
    relations = {{ python_names(names) }}
    version = kwargs.get("v") or kwargs.get("version")
    key = ".".join(args) + (f".v{version}" if version else "")
    return kwargs["dbt_load_df_function"](relations[key])
{% endmacro %}

{% macro build_source_function(model) %}
    {%- set names = {} -%}
    {%- for wanted in model.sources -%}
        {%- do names.update({wanted | join('.'): resolve_model_name(source(*wanted))}) -%}
    {%- endfor %}
def source(*args, dbt_load_df_function):
    relations = {{ python_names(names) }}
    return dbt_load_df_function(relations[".".join(args)])
{% endmacro %}

{# Only what the code asks for, with the defaults it asks with. #}
{% macro build_config_dict(model) %}
    {%- set values = {} -%}
    {%- for name, default in zip(model.config.config_keys_used or [], model.config.config_keys_defaults or []) -%}
        {%- do values.update({name: model.config.get(name, default)}) -%}
    {%- endfor %}
    {%- set meta = {} -%}
    {%- for name, default in zip(model.config.meta_keys_used or [], model.config.meta_keys_defaults or []) -%}
        {%- do meta.update({name: (model.config.meta or {}).get(name, default)}) -%}
    {%- endfor %}
config_dict = {{ values }}
meta_dict = {{ meta }}
{% endmacro %}

{# Names as a dictionary of Python. `resolve_model_name` has escaped the double quotes. #}
{% macro python_names(names) -%}
    { {%- for key, name in names.items() %}"{{ key }}": "{{ name }}"{{ ', ' if not loop.last }}{% endfor -%} }
{%- endmacro %}

{% macro py_script_postfix(model) %}
# Everything below is written by the engine: it connects the model above with the warehouse.
{{ build_ref_function(model) }}
{{ build_source_function(model) }}
{{ build_config_dict(model) }}

class config:
    def __init__(self, *args, **kwargs):
        pass

    @staticmethod
    def get(key, default=None):
        return config_dict.get(key, default)

    @staticmethod
    def meta_get(key, default=None):
        return meta_dict.get(key, default)


class this:
    database = "{{ this.database }}"
    schema = "{{ this.schema }}"
    identifier = "{{ this.identifier }}"

    def __repr__(self):
        return "{{ resolve_model_name(this) }}"


class dbtObj:
    def __init__(self, load_df_function) -> None:
        self.source = lambda *args: source(*args, dbt_load_df_function=load_df_function)
        self.ref = lambda *args, **kwargs: ref(*args, **kwargs, dbt_load_df_function=load_df_function)
        self.config = config
        self.this = this()
        self.is_incremental = {{ is_incremental() }}

{{ py_script_comment() }}
{% endmacro %}

{# For what an adapter wants to say at the end. #}
{% macro py_script_comment() %}
{% endmacro %}
