select
    fresh,
    {{ dbt.listagg('name', "'; '", 'order by name', 2) }} as two_names,
    {{ dbt.listagg('name', "'; '", 'order by name desc') }} as names,
    {{ dbt.any_value('price') }} as price,
    {{ dbt.bool_or('price > 5') }} as has_dear
from {{ ref('goods') }}
group by fresh
