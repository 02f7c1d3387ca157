-- A stream's events from version $2 on, upward; $3: how many, null: all.
select position, stream, version, id, type, type_version, recorded_at, correlation_id, causation_id,
    metadata, payload
from @schema@.events
where stream = $1::text and version >= $2::bigint
order by version
limit $3::bigint;
