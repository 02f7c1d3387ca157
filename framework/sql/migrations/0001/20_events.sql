-- The log: every event of every stream. Rows are inserted, never updated. No check constraints: each would
-- be parsed anew by every insert, which costs a tenth of an append.
--
-- Positions are drawn by inserts into the table alone, which lock it before they draw. CACHE 1 and NO
-- CYCLE: the high-water mark reads the sequence's last value, which must not lag behind what a session
-- keeps for itself, nor go back.
create sequence @schema@.events_position_seq as bigint minvalue 1 start 1 cache 1 no cycle;

create table @schema@.events (
    position bigint not null,
    version bigint not null,
    recorded_at timestamptz not null,
    id uuid not null,
    type_version integer not null,
    stream text collate "C" not null,
    type text collate "C" not null,
    correlation_id text collate "C",
    causation_id text collate "C",
    metadata jsonb,
    payload bytea not null,
    constraint events_position_key primary key (position),
    constraint events_stream_version_key unique (stream, version),
    constraint events_id_key unique (id)
);

alter sequence @schema@.events_position_seq owned by @schema@.events.position;

create index events_correlation_id on @schema@.events (correlation_id, position)
    where correlation_id is not null;
