-- What there is of the streams $1, in their order: the events' first and last version and last position, and the
-- stream's mark.
select f.version, l.version, l.position, m.last_version, m.is_deleted
from unnest($1::text[]) with ordinality as s (stream, place)
left join lateral (
    select e.version from @schema@.events e where e.stream = s.stream order by e.version limit 1) f on true
left join lateral (
    select e.version, e.position from @schema@.events e where e.stream = s.stream
    order by e.version desc limit 1) l on true
left join lateral (
    select mark.last_version, mark.is_deleted from @schema@.stream_marks mark where mark.stream = s.stream
    limit 1) m on true
order by s.place;
