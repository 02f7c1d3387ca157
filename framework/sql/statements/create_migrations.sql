-- The schema and its list of migrations, under a lock of the schema's name, in the migration's transaction.
select pg_advisory_xact_lock(1296651074, hashtext('@schema@'));
create schema if not exists @schema@;
create table if not exists @schema@.migrations (
    version integer primary key check (version > 0),
    applied_at timestamptz not null default clock_timestamp()
);
