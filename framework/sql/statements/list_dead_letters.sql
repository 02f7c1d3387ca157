-- Dead letters of all processors with an id from $1 on, at most $2; $3: only those to be retried. First the columns
-- of an event.
select position, stream, version, event_id, type, type_version, recorded_at, correlation_id, causation_id, metadata,
    payload, id, processor, part, part_count, error, attempts, set_aside_at, is_to_be_retried
from @schema@.dead_letters
where id >= $1::bigint and (is_to_be_retried or not $3::boolean)
order by id
limit $2::bigint;
