-- Where the events of these ids are, in the order of the ids; null where they are not.
select e.stream, e.version, e.position
from unnest($1::uuid[]) with ordinality as i (id, n)
left join @schema@.events e on e.id = i.id
order by i.n;
