-- The predictions of the ids $1, and those of the types $2 and keys $3, locked in the order of their ids.
select p.id, p.type, p.key, p.added_at
from (
    select i.id
    from unnest($1::text[]) as i (id)
    union
    select k.id
    from unnest($2::text[], $3::text[]) as c (type, key)
    cross join lateral (
        select found.id
        from @schema@.predictions found
        where found.type = c.type and found.key = c.key
        offset 0) k
    order by id) wanted
cross join lateral (
    select found.id, found.type, found.key, found.added_at
    from @schema@.predictions found
    where found.id = wanted.id
    for update) p;
