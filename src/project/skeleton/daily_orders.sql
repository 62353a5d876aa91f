-- `ref` names another model, so that this one is built after it.
select
    ordered_on,
    count(*) as orders,
    sum(amount) as amount
from {{ ref('first_orders') }}
group by ordered_on
