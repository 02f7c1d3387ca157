-- The virtual transactions that hold the store's append lock, in whichever mode, and their backends; one
-- prepared for a two-phase commit has none. The second of the high-water mark's statements, sent after the
-- answer of the first.
select virtualtransaction, coalesce(pid, 0)
from pg_locks
where locktype = 'advisory' and granted
    and database = (select oid from pg_database where datname = current_database())
    and classid = 1296651073 and objid = '@schema@.events'::regclass::oid and objsubid = 2;
