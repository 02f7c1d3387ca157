-- Appends events to any number of streams, all or none.
--
-- p_streams and p_expected have an element for each stream; the other arrays have one for each event:
-- p_stream_of is the index of its stream, p_offset its place among that stream's events, both from 1.
-- An expected version is exact, or 0 no stream, -1 any, -2 stream exists.
-- Gives, for each stream, the version and position of its last event. Raises MS001 when a stream is not
-- as expected; a unique violation is a lost race, or an event appended before.
--
-- The lock is the one that the insert takes in any case: until it is released, no reader's high-water mark
-- passes a position drawn below. It comes first, in a statement of its own, because what is seen of the
-- streams must be as the truncation or deletion left them that was waited for. The positions are
-- drawn above the sort, so that they ascend in the order of the arrays whatever the join below does.
create function @schema@.append_events(
    p_streams text[], p_expected bigint[], p_stream_of integer[], p_offset integer[],
    p_ids uuid[], p_types text[], p_type_versions integer[], p_payloads bytea[],
    p_correlation_ids text[], p_causation_ids text[], p_metadata jsonb[], p_recorded_at timestamptz)
returns table (stream_index bigint, last_version bigint, last_position bigint)
language plpgsql
as $misas$
declare
    is_set boolean;
    bases bigint[];
begin
    if current_setting('synchronous_commit') not in ('on', 'remote_apply') then
        is_set := set_config('synchronous_commit', 'on', true) = 'on';
    end if;
    lock table @schema@.events in row exclusive mode;

    -- The version that each stream goes on from; null: it is not as expected.
    select array_agg(
        coalesce(e.version,
            @schema@.version_after_mark(p.expected, m.last_version, m.is_deleted))
        order by p.n)
    into bases
    from unnest(p_streams, p_expected) with ordinality as p (stream, expected, n)
    left join lateral (
        select found.version
        from @schema@.events found
        where found.stream = p.stream and p.expected <> 0
            and found.version >= case when p.expected > 0 then p.expected else 1 end
            and found.version <= case when p.expected > 0 then p.expected else 9223372036854775807 end
        order by found.version desc
        limit 1) e on true
    left join @schema@.stream_marks m on e.version is null and m.stream = p.stream;

    if array_position(bases, null) is not null then
        raise exception 'stream % is not as expected', array_position(bases, null)
            using errcode = 'MS001';
    end if;

    return query
    with appended as (
        insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
            correlation_id, causation_id, metadata, payload)
        select nextval('@schema@.events_position_seq'), o.version,
            coalesce(p_recorded_at, clock_timestamp()), o.id, o.type_version, o.stream, o.type,
            o.correlation_id, o.causation_id, o.metadata, o.payload
        from (
            select s.stream, s.base + e.at as version, e.id, e.type, e.type_version, e.payload,
                e.correlation_id, e.causation_id, e.metadata
            from unnest(p_stream_of, p_offset, p_ids, p_types, p_type_versions, p_payloads,
                    p_correlation_ids, p_causation_ids, p_metadata) with ordinality
                as e (stream_of, at, id, type, type_version, payload, correlation_id, causation_id,
                    metadata, n)
            join unnest(p_streams, bases) with ordinality as s (stream, base, index)
                on s.index = e.stream_of
            order by e.n) o
        returning events.stream, events.version, events.position)
    select s.index, max(a.version), max(a.position)
    from unnest(p_streams) with ordinality as s (stream, index)
    join appended a on a.stream = s.stream
    group by s.index;
end
$misas$;
