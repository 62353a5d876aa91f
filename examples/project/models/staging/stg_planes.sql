select
    tailnum as tail_number,
    year as built_in,
    case manufacturer
        when 'AIRBUS INDUSTRIE' then 'AIRBUS'
        when 'MCDONNELL DOUGLAS AIRCRAFT CO' then 'MCDONNELL DOUGLAS'
        when 'MCDONNELL DOUGLAS CORPORATION' then 'MCDONNELL DOUGLAS'
        else manufacturer
    end as manufacturer,
    model,
    engines,
    seats
from {{ ref('planes') }}
