-- The messages that were handled, each with its answer, so that it takes effect once and is answered again as it
-- was the first time. The same id with other content (another digest) is no repetition. The key is the only
-- b-tree: expired rows are found by when they came. No check constraints, as for events.
create table @schema@.handled_messages (
    handled_at timestamptz not null,
    source text collate "C" not null,
    id text collate "C" not null,
    digest bytea not null,
    reply_type text collate "C",
    reply bytea,
    error bytea,
    constraint handled_messages_key primary key (source, id)
);

create index handled_messages_handled_at on @schema@.handled_messages using brin (handled_at);
