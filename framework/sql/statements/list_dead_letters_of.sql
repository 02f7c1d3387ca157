-- As list_dead_letters, of the processor $3.
select position, stream, version, event_id, type, type_version, recorded_at, correlation_id, causation_id, metadata,
    payload, id, processor, part, part_count, error, attempts, set_aside_at, is_to_be_retried
from @schema@.dead_letters
where processor = $3::text and id >= $1::bigint
order by id
limit $2::bigint;
