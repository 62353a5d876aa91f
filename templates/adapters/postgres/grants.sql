{# Privileges. A relation that was replaced leaves its own behind. #}

{% macro postgres__copy_grants() -%}
    {{ return(False) }}
{%- endmacro %}

{# Those that this role has given to others. Read from the relation's own list, which materialized views have too. #}
{% macro postgres__get_show_grant_sql(relation) -%}
    select
        case when given.grantee = 0 then 'public' else pg_get_userbyid(given.grantee) end as grantee,
        lower(given.privilege_type) as privilege_type
    from pg_class
    join pg_namespace on pg_namespace.oid = pg_class.relnamespace
    cross join aclexplode(pg_class.relacl) as given
    where pg_namespace.nspname = {{ postgres_literal(relation.schema) }}
      and pg_class.relname = {{ postgres_literal(relation.identifier) }}
      and pg_get_userbyid(given.grantor) = current_role
      and given.grantee <> given.grantor
    order by 1, 2
{%- endmacro %}

{% macro postgres__get_grant_sql(relation, privilege, grantees) -%}
    grant {{ privilege }} on {{ 'function ' if relation.is_function }}{{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro %}

{% macro postgres__get_revoke_sql(relation, privilege, grantees) -%}
    revoke {{ privilege }} on {{ 'function ' if relation.is_function }}{{ relation.render() }} from {{ grantees | join(', ') }}
{%- endmacro %}
