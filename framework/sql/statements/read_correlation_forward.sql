-- All events of the correlation $6, from position $1 up to $2; otherwise as read_all_forward_filtered.
select position, stream, version, id, type, type_version, recorded_at, correlation_id, causation_id,
    metadata, payload
from (
    select * from @schema@.events
    where correlation_id = $6::text and position between $1::bigint and $2::bigint
    order by position
    limit $7::bigint) e
where ($4::text[] is null or type = any ($4::text[]))
    and ($5::text[] is null or type <> all ($5::text[]))
limit $3::bigint;
