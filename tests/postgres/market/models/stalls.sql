select 1 as id, 'North' as name
union all
select 2, 'South'
