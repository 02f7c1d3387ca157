-- What will have happened at a time. A row is claimed for a while, by claimed_until, before it is published: no
-- index has that column, and each page has room for all of its rows once more, so that a claim touches no index (a
-- heap-only update).
create table @schema@.predictions (
    due_at timestamptz not null,
    added_at timestamptz not null default clock_timestamp(),
    claimed_until timestamptz,
    type_version integer not null,
    id text collate "C" not null,
    key text collate "C",
    type text collate "C" not null,
    correlation_id text collate "C",
    causation_id text collate "C",
    metadata jsonb,
    payload bytea not null,
    constraint predictions_key primary key (id)
) with (fillfactor = 45);

create index predictions_due_at on @schema@.predictions (due_at);

create index predictions_type_key on @schema@.predictions (type, key) where key is not null;
