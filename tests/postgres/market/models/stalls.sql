select 1 as id, 'North' as name, timestamp '2024-02-01' as changed_at
union all
select 2, 'South', timestamp '2024-02-02'
