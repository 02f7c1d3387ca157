-- All events from position $2 down to $1; $3: how many, null: all.
select position, stream, version, id, type, type_version, recorded_at, correlation_id, causation_id,
    metadata, payload
from @schema@.events
where position between $1::bigint and $2::bigint
order by position desc
limit $3::bigint;
