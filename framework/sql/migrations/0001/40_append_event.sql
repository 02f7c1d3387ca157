-- The short way for what is appended most: one event, to a stream at an exact version (0: no stream).
-- Gives the event's position, or null when the predecessor is not among the events, or the stream has
-- a mark: append_events then finds out. A unique violation is a lost race, or an event appended before.
--
-- The lock comes first, in a statement of its own: until it is released, no reader's high-water mark
-- passes the position drawn below, and no truncation or deletion comes in between.
create function @schema@.append_event(
    p_stream text, p_expected bigint, p_id uuid, p_type text, p_type_version integer, p_payload bytea,
    p_correlation_id text, p_causation_id text, p_metadata jsonb, p_recorded_at timestamptz)
returns bigint
language plpgsql
as $misas$
declare
    ignored text;
    appended bigint;
begin
    ignored := set_config('synchronous_commit', 'on', true);
    ignored := pg_advisory_xact_lock_shared(1296651073, '@schema@.events'::regclass::int4);
    if p_expected > 0 then
        insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
            correlation_id, causation_id, metadata, payload)
        select nextval('@schema@.events_position_seq'), p_expected + 1,
            coalesce(p_recorded_at, clock_timestamp()), p_id, p_type_version, p_stream, p_type,
            p_correlation_id, p_causation_id, p_metadata, p_payload
        where exists (select from @schema@.events where stream = p_stream and version = p_expected)
        returning position into appended;
    else
        insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
            correlation_id, causation_id, metadata, payload)
        select nextval('@schema@.events_position_seq'), 1,
            coalesce(p_recorded_at, clock_timestamp()), p_id, p_type_version, p_stream, p_type,
            p_correlation_id, p_causation_id, p_metadata, p_payload
        where not exists (select from @schema@.stream_marks where stream = p_stream)
        returning position into appended;
    end if;
    return appended;
end
$misas$;
