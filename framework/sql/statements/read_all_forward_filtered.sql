-- All events from position $1 up to $2; $3: how many, $4 only and $5 not of these types. Null: no such restriction.
-- The inner limit is always null. Without it the planner, which expects the filters to leave next to nothing,
-- fetches and sorts everything before the first row; with it, it follows the index.
select position, stream, version, id, type, type_version, recorded_at, correlation_id, causation_id,
    metadata, payload
from (
    select * from @schema@.events
    where position between $1::bigint and $2::bigint
    order by position
    limit $6::bigint) e
where ($4::text[] is null or type = any ($4::text[]))
    and ($5::text[] is null or type <> all ($5::text[]))
limit $3::bigint;
