-- Adds predictions; a unique violation says that there is one of that id.
insert into @schema@.predictions (id, key, due_at, type, type_version, payload, correlation_id, causation_id,
    metadata)
select p.id, p.key, p.due_at, p.type, p.type_version, p.payload, p.correlation_id, p.causation_id, p.metadata
from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::integer[], $6::bytea[], $7::text[],
        $8::text[], $9::jsonb[])
    as p (id, key, due_at, type, type_version, payload, correlation_id, causation_id, metadata);
