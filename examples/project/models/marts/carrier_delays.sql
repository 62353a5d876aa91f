with carriers as (
    select
        carrier_code,
        carrier_name,
        {{ delay_columns() }},
        round(avg(made_up_minutes), 1) as avg_made_up_minutes
    from {{ ref('fct_flights') }}
    group by carrier_code, carrier_name
)

select
    *,
    row_number() over (order by on_time_pct desc, carrier_code) as punctuality_rank
from carriers
