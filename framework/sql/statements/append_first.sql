-- append_next for a stream that has no event yet: $2 is 0. No row when any stream of the store has a mark, and
-- this one may: append_to_stream then finds out.
insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
    correlation_id, causation_id, metadata, payload)
select nextval('@schema@.events_position_seq'), $2::bigint + 1,
    coalesce($10::timestamptz, clock_timestamp()), $3::uuid, $5::integer, $1::text, $4::text,
    $7::text, $8::text, $9::jsonb, $6::bytea
where pg_sequence_last_value('@schema@.stream_marks_seq') is null
returning position;
