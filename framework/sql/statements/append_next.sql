-- What is appended most: one event, to a stream at an exact version. No row when the predecessor is not among
-- the events: append_to_stream then finds out. A unique violation is a lost race, or an event appended before.
--
-- PostgreSQL locks the table before it takes the statement's snapshot, and draws the position after both.
insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
    correlation_id, causation_id, metadata, payload)
select nextval('@schema@.events_position_seq'), predecessor.version + 1,
    coalesce($10::timestamptz, clock_timestamp()), $3::uuid, $5::integer, $1::text, $4::text,
    $7::text, $8::text, $9::jsonb, $6::bytea
from @schema@.events predecessor
where predecessor.stream = $1::text and predecessor.version = $2::bigint
returning position;
