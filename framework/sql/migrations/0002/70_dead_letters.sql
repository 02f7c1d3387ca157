-- Messages that a processor has set aside, each once, as they were read: part and part_count tell which of the events
-- it is that upcasting made of a stored one.
create table @schema@.dead_letters (
    id bigint generated always as identity,
    position bigint not null,
    version bigint not null,
    recorded_at timestamptz not null,
    set_aside_at timestamptz not null default clock_timestamp(),
    event_id uuid not null,
    type_version integer not null,
    part integer not null,
    part_count integer not null,
    attempts integer not null,
    is_to_be_retried boolean not null,
    processor text collate "C" not null,
    stream text collate "C" not null,
    type text collate "C" not null,
    correlation_id text collate "C",
    causation_id text collate "C",
    metadata jsonb,
    payload bytea not null,
    error bytea not null,
    constraint dead_letters_id_key primary key (id),
    constraint dead_letters_event_key unique (processor, position, part)
);

create index dead_letters_processor_id on @schema@.dead_letters (processor, id);

create index dead_letters_to_be_retried on @schema@.dead_letters (processor, id) where is_to_be_retried;
