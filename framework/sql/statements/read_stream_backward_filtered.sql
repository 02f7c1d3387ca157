-- A stream's events from version $2 on, downward; $3: how many, $4 only and $5 not of these types, $6
-- only of this correlation. Null: no such restriction.
-- The inner limit is always null. Without it the planner, which expects the filters to leave next to nothing,
-- fetches and sorts everything before the first row; with it, it follows the index.
select position, stream, version, id, type, type_version, recorded_at, correlation_id, causation_id,
    metadata, payload
from (
    select * from @schema@.events
    where stream = $1::text and version <= $2::bigint
    order by version desc
    limit $7::bigint) e
where ($4::text[] is null or type = any ($4::text[]))
    and ($5::text[] is null or type <> all ($5::text[]))
    and ($6::text is null or correlation_id = $6::text)
limit $3::bigint;
