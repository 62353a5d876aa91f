{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='seen_at', batch_size='day',
    begin='2024-01-01', unique_key='id') }}
select id, seen_at, price from {{ ref('visits') }}
