-- As add_predictions; one that is there is replaced, and no longer claimed.
insert into @schema@.predictions (id, key, due_at, type, type_version, payload, correlation_id, causation_id,
    metadata)
select p.id, p.key, p.due_at, p.type, p.type_version, p.payload, p.correlation_id, p.causation_id, p.metadata
from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::integer[], $6::bytea[], $7::text[],
        $8::text[], $9::jsonb[])
    as p (id, key, due_at, type, type_version, payload, correlation_id, causation_id, metadata)
on conflict (id) do update
set key = excluded.key, due_at = excluded.due_at, added_at = excluded.added_at, claimed_until = null,
    attempts = 0, type = excluded.type, type_version = excluded.type_version, payload = excluded.payload,
    correlation_id = excluded.correlation_id, causation_id = excluded.causation_id, metadata = excluded.metadata;
