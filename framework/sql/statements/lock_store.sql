-- Waits for the appends in progress and keeps others out until the transaction ends.
select pg_advisory_xact_lock(1296651073, '@schema@.events'::regclass::int4);
