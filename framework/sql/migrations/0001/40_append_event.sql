-- The short way for what is appended most: one event, to a stream at an exact version (0: no stream).
-- Gives the event's position, or null when the predecessor is not among the events, or the stream may
-- have a mark: append_events then finds out. A unique violation is a lost race, or an event appended before.
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
    is_set boolean;
    is_locked boolean;
    appended bigint;
begin
    if current_setting('synchronous_commit') not in ('on', 'remote_apply') then
        is_set := set_config('synchronous_commit', 'on', true) = 'on';
    end if;
    is_locked := pg_advisory_xact_lock_shared(1296651073, '@schema@.events'::regclass::int4) is not null;

    if p_expected > 0 then
        insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
            correlation_id, causation_id, metadata, payload)
        select nextval('@schema@.events_position_seq'), predecessor.version + 1,
            coalesce(p_recorded_at, clock_timestamp()), p_id, p_type_version, p_stream, p_type,
            p_correlation_id, p_causation_id, p_metadata, p_payload
        from @schema@.events predecessor
        where predecessor.stream = p_stream and predecessor.version = p_expected;
        if found then
            appended := currval('@schema@.events_position_seq');
        end if;
    else
        if pg_sequence_last_value('@schema@.stream_marks_seq') is not null then
            if exists (select from @schema@.stream_marks where stream = p_stream) then
                return null;
            end if;
        end if;
        appended := nextval('@schema@.events_position_seq');
        insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
            correlation_id, causation_id, metadata, payload)
        values (appended, 1, coalesce(p_recorded_at, clock_timestamp()), p_id, p_type_version,
            p_stream, p_type, p_correlation_id, p_causation_id, p_metadata, p_payload);
    end if;
    return appended;
end
$misas$;
