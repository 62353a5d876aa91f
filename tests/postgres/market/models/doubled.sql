select id, {{ function('twice') }}(id) as two, {{ function('twice') }}() as usual from {{ ref('goods') }}
