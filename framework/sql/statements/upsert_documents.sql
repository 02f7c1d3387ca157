-- Rows in the order of their ids. None is written when there is no such collection.
insert into @schema@.documents as d (collection, id, version, content)
select $1::text, n.id, 1, n.content
from unnest($2::text[], $3::jsonb[]) with ordinality as n (id, content, place)
where exists (select from @schema@.collections c where c.name = $1::text)
order by n.place
on conflict (collection, id) do update set content = excluded.content, version = d.version + 1;
