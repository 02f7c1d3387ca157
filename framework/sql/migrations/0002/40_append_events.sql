-- Appends events to any number of streams, all or none.
--
-- p_streams and p_expected have an element for each stream; the other arrays have one for each event:
-- p_stream_of is the index of its stream, p_offset its place among that stream's events, both from 1.
-- An expected version is exact, or 0 no stream, -1 any, -2 stream exists.
-- Gives, for each stream, the version and position of its last event. Raises MS001 when a stream is not
-- as expected; a unique violation is a lost race, or an event appended before.
--
-- The lock is the one that the insert takes in any case: until it is released, no reader's high-water mark
-- passes a position drawn below. It comes first, in a statement of its own, because positions are drawn
-- before the insert, and because what is seen of the streams must be as the truncation or deletion left them
-- that was waited for.
--
-- Positions ascend in the order of the arrays. The rows are inserted in the order of streams and versions:
-- two such calls wait for each other's versions in the same order, and so never both at once. There is no
-- join and no sort of whole rows: no plan can put anything in another order, and payloads stay where they are.
create or replace function @schema@.append_events(
    p_streams text[], p_expected bigint[], p_stream_of integer[], p_offset integer[],
    p_ids uuid[], p_types text[], p_type_versions integer[], p_payloads bytea[],
    p_correlation_ids text[], p_causation_ids text[], p_metadata jsonb[], p_recorded_at timestamptz)
returns table (stream_index bigint, last_version bigint, last_position bigint)
language plpgsql
as $misas$
declare
    is_set boolean;
    bases bigint[];
    positions bigint[];
    places integer[]; -- of the events in the arrays, in the order in which they are inserted
    appended_at timestamptz;
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
    left join lateral (
        select mark.last_version, mark.is_deleted
        from @schema@.stream_marks mark
        where e.version is null and mark.stream = p.stream
        limit 1) m on true;

    if array_position(bases, null) is not null then
        raise exception 'stream % is not as expected', array_position(bases, null)
            using errcode = 'MS001';
    end if;

    select array_agg(nextval('@schema@.events_position_seq')) into positions
    from generate_series(1, cardinality(p_ids));
    select array_agg(e.place::integer order by p_streams[e.stream_of] collate "C", e.at) into places
    from unnest(p_stream_of, p_offset) with ordinality as e (stream_of, at, place);
    appended_at := coalesce(p_recorded_at, clock_timestamp());

    insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
        correlation_id, causation_id, metadata, payload)
    select positions[place], bases[p_stream_of[place]] + p_offset[place], appended_at, p_ids[place],
        p_type_versions[place], p_streams[p_stream_of[place]], p_types[place], p_correlation_ids[place],
        p_causation_ids[place], p_metadata[place], p_payloads[place]
    from unnest(places) as place;

    return query
    select e.stream_of::bigint, bases[e.stream_of] + max(e.at), max(e.position)
    from unnest(p_stream_of, p_offset, positions) as e (stream_of, at, position)
    group by e.stream_of;
end
$misas$;
