-- The virtual transactions that hold the lock of an insert into the events, and their backends; one
-- prepared for a two-phase commit has none. The second of the high-water mark's statements, sent after the
-- answer of the first.
select virtualtransaction, coalesce(pid, 0)
from pg_locks
where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
    and database = (select oid from pg_database where datname = current_database())
    and relation = '@schema@.events'::regclass;
