select
    carrier as carrier_code,
    regexp_replace(name, ',? (Inc|Co|Corporation)\.?$', '') as carrier_name
from {{ ref('airlines') }}
