-- What there is of a stream: the events' first and last version and last position, and its mark.
select f.version, l.version, l.position, m.last_version, m.is_deleted
from (values ($1::text)) as s (stream)
left join lateral (
    select e.version from @schema@.events e where e.stream = s.stream order by e.version limit 1) f on true
left join lateral (
    select e.version, e.position from @schema@.events e where e.stream = s.stream
    order by e.version desc limit 1) l on true
left join @schema@.stream_marks m on m.stream = s.stream;
