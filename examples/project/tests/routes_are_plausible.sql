{{ config(
    severity='error',
    tags=['geography'],
    meta={'why': 'a wrong coordinate in the seed shows up as a distance that nobody flew'}
) }}

select origin_code, destination_code, distance_miles, great_circle_miles
from {{ ref('route_performance') }}
where abs(distance_miles - great_circle_miles) > 0.02 * distance_miles + 5
