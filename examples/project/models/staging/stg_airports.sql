select
    faa as airport_code,
    name as airport_name,
    lat as latitude,
    lon as longitude,
    alt as altitude_feet,
    tzone as time_zone,
    faa in ({% for code in var('home_airports') %}'{{ code }}'{{ ', ' if not loop.last }}{% endfor %}) as is_home
from {{ ref('airports') }}
