-- As list_dead_letters_of, but only those to be retried: the question that a processor asks again and again, for which
-- there is an index.
select position, stream, version, event_id, type, type_version, recorded_at, correlation_id, causation_id, metadata,
    payload, id, processor, part, part_count, error, attempts, set_aside_at, is_to_be_retried
from @schema@.dead_letters
where processor = $3::text and id >= $1::bigint and is_to_be_retried
order by id
limit $2::bigint;
