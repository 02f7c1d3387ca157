-- Appends events to any number of streams whose versions are stated exactly. The arrays have an element for each
-- event, by stream and version: two such statements wait for each other's versions in the same order, and so never
-- both at once. $3 is the event's place in the order of positions. $4 is of the first event of each stream: the
-- version that the stream must have, 0 for one that must not be there.
--
-- A version is null, which the table refuses, where the predecessor is not among the events, or where a stream that
-- should not be there has a mark: append_events then finds out. A unique violation is a lost race, or an event
-- appended before.
--
-- Each predecessor is looked up just before its successor is inserted, next to it in the index. The only joins are
-- with one row at most for each event, and nothing is sorted: no plan can put the events in another order. (The arrays
-- are unnested in a select list, whose rows are not kept somewhere first, as those of a function in FROM are.)
-- PostgreSQL locks the table before it takes the statement's snapshot, and draws positions after both.
insert into @schema@.events (position, version, recorded_at, id, type_version, stream, type,
    correlation_id, causation_id, metadata, payload)
select ((select array_agg(nextval('@schema@.events_position_seq')) from generate_series(1, cardinality($3))))[e.place],
    case
        when e.predecessor > 0 then found.version + 1
        when e.predecessor = 0 and mark.last_version is not null then null
        else e.version
    end,
    (select coalesce($12::timestamptz, clock_timestamp())), e.id, e.type_version, e.stream, e.type,
    e.correlation_id, e.causation_id, e.metadata, e.payload
from (
    select unnest($1::text[]) as stream, unnest($2::bigint[]) as version, unnest($3::integer[]) as place,
        unnest($4::bigint[]) as predecessor, unnest($5::uuid[]) as id, unnest($6::text[]) as type,
        unnest($7::integer[]) as type_version, unnest($8::bytea[]) as payload, unnest($9::text[]) as correlation_id,
        unnest($10::text[]) as causation_id, unnest($11::jsonb[]) as metadata) e
left join lateral (
    select before.version
    from @schema@.events before
    where e.predecessor > 0 and before.stream = e.stream and before.version = e.predecessor
    limit 1) found on true
left join lateral (
    select m.last_version
    from @schema@.stream_marks m
    where e.predecessor = 0 and (select pg_sequence_last_value('@schema@.stream_marks_seq') is not null)
        and m.stream = e.stream
    limit 1) mark on true;
