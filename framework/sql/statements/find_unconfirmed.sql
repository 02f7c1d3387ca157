-- The first of the streams $1 whose last version is not that of $2: its place among them, from 1, and the
-- version it has. 0 stands for no stream. A mark counts where a stream has no events.
select c.place, coalesce(e.version, m.last_version, 0)
from unnest($1::text[], $2::bigint[]) with ordinality as c (stream, version, place)
left join lateral (
    select last.version
    from @schema@.events last
    where last.stream = c.stream
    order by last.version desc
    limit 1) e on true
left join lateral (
    select mark.last_version
    from @schema@.stream_marks mark
    where e.version is null and mark.stream = c.stream and not mark.is_deleted
    limit 1) m on true
where coalesce(e.version, m.last_version, 0) <> c.version
order by c.place
limit 1;
