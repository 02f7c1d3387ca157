-- All events from position $2 down to $1; $3: how many, $4 only and $5 not of these types. Null: no such restriction.
select position, stream, version, id, type, type_version, recorded_at, correlation_id, causation_id,
    metadata, payload
from @schema@.events
where position between $1::bigint and $2::bigint
    and ($4::text[] is null or type = any ($4::text[]))
    and ($5::text[] is null or type <> all ($5::text[]))
order by position desc
limit $3::bigint;
