-- The documents of these ids that are there. The inner limit keeps the planner from reading the collection
-- instead of probing for each id.
select d.id, d.version, d.content
from unnest($2::text[]) with ordinality as i (id, n)
cross join lateral (
    select found.id, found.version, found.content
    from @schema@.documents found
    where found.collection = $1::text and found.id = i.id
    limit 1) d
order by i.n;
