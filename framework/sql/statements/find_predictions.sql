-- Those of the predictions (ids $1, added at $2; null: whenever) that are there: their places among them, from 1.
-- The limit makes it a look into the index for each, whatever the planner thinks of the table.
select f.place
from unnest($1::text[], $2::timestamptz[]) with ordinality as f (id, added_at, place)
cross join lateral (
    select 1
    from @schema@.predictions found
    where found.id = f.id and (f.added_at is null or found.added_at = f.added_at)
    limit 1) p;
