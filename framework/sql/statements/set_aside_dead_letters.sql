-- Sets messages aside; of one that is there already, what became of it is replaced. Of one that is there twice in the
-- arrays, the last counts.
insert into @schema@.dead_letters (processor, position, part, part_count, stream, version, event_id, type,
    type_version, payload, correlation_id, causation_id, metadata, recorded_at, error, attempts, is_to_be_retried)
select distinct on (l.processor, l.position, l.part, l.event_id) l.processor, l.position, l.part, l.part_count, l.stream,
    l.version, l.event_id, l.type, l.type_version, l.payload, l.correlation_id, l.causation_id, l.metadata,
    l.recorded_at, l.error, l.attempts, l.is_to_be_retried
from unnest($1::text[], $2::bigint[], $3::integer[], $4::integer[], $5::text[], $6::bigint[], $7::uuid[],
        $8::timestamptz[], $9::text[], $10::integer[], $11::bytea[], $12::text[], $13::text[], $14::jsonb[],
        $15::bytea[], $16::integer[], $17::boolean[]) with ordinality
    as l (processor, position, part, part_count, stream, version, event_id, recorded_at, type, type_version, payload,
        correlation_id, causation_id, metadata, error, attempts, is_to_be_retried, n)
order by l.processor, l.position, l.part, l.event_id, l.n desc
on conflict (processor, position, part, event_id) do update
set error = excluded.error, attempts = excluded.attempts, is_to_be_retried = excluded.is_to_be_retried;
