-- How far each processor has got with a source, and who may move that: one leads until expires_at (null: nobody),
-- and each take-over raises the epoch. A row is updated with every batch and every renewal: no index has what
-- changes, and each page has room, so that an update touches no index (a heap-only update).
create table @schema@.checkpoints (
    position bigint not null default 0,
    epoch bigint not null default 0,
    attempted_position bigint not null default 0,
    expires_at timestamptz,
    moved_at timestamptz not null default clock_timestamp(),
    partition integer not null,
    attempts integer not null default 0,
    owner_pid integer, -- of the session that took the lease, or wrote last
    is_paused boolean not null default false,
    was_released boolean not null default true,
    processor text collate "C" not null,
    source text collate "C" not null,
    owner text collate "C",
    constraint checkpoints_key primary key (processor, source, partition)
) with (fillfactor = 50);
