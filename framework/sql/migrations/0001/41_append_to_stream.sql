-- append_events for a single stream, the usual case, without what only many streams need. The arrays have an
-- element for each event; nothing below the insert changes their order.
create function @schema@.append_to_stream(
    p_stream text, p_expected bigint, p_ids uuid[], p_types text[], p_type_versions integer[],
    p_payloads bytea[], p_correlation_ids text[], p_causation_ids text[], p_metadata jsonb[],
    p_recorded_at timestamptz)
returns table (stream_index bigint, last_version bigint, last_position bigint)
language plpgsql
as $misas$
declare
    is_set boolean;
    base bigint;
begin
    if current_setting('synchronous_commit') not in ('on', 'remote_apply') then
        is_set := set_config('synchronous_commit', 'on', true) = 'on';
    end if;
    lock table @schema@.events in row exclusive mode;

    -- The version that the stream goes on from; null: it is not as expected.
    if p_expected > 0 then
        select e.version into base from @schema@.events e
        where e.stream = p_stream and e.version = p_expected;
    elsif p_expected < 0 then
        select e.version into base from @schema@.events e
        where e.stream = p_stream order by e.version desc limit 1;
    end if;
    if base is null then
        select @schema@.version_after_mark(p_expected, m.last_version, m.is_deleted) into base
        from (values (p_stream)) as p (stream)
        left join @schema@.stream_marks m on m.stream = p.stream;
    end if;
    if base is null then
        raise exception 'stream 1 is not as expected' using errcode = 'MS001';
    end if;

    insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
        correlation_id, causation_id, metadata, payload)
    select nextval('@schema@.events_position_seq'), base + e.at,
        coalesce(p_recorded_at, clock_timestamp()), e.id, e.type_version, p_stream, e.type,
        e.correlation_id, e.causation_id, e.metadata, e.payload
    from unnest(p_ids, p_types, p_type_versions, p_payloads, p_correlation_ids, p_causation_ids,
            p_metadata) with ordinality
        as e (id, type, type_version, payload, correlation_id, causation_id, metadata, at);

    stream_index := 1;
    last_version := base + cardinality(p_ids);
    last_position := currval('@schema@.events_position_seq');
    return next;
end
$misas$;
