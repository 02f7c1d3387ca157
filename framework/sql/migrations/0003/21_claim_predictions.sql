-- A prediction that ends the process which handles it would do so again after each restart. So it is counted how often
-- handling it was begun and not answered; the claim itself is the first time. One that is claimed when that is so
-- already is suspect.
alter table @schema@.predictions add column attempts integer not null default 0;

alter table @schema@.predictions add column is_suspect boolean not null default false;

drop function @schema@.claim_predictions(timestamptz, timestamptz, bigint, integer);

-- Claims predictions that are due at p_now and were not due before p_from: the first p_max of them that nobody has
-- claimed, or not for longer than until now, and whose type is one of p_types (null: any). Those that others are
-- changing are left out.
--
-- The settings leave one plan, along the index, that is good for a table of any size. The rows are updated where
-- they were found, so that the keys are not looked up again.
create function @schema@.claim_predictions(
    p_from timestamptz, p_now timestamptz, p_max bigint, p_claim_ms integer, p_types text[])
returns table (id text, key text, due_at timestamptz, added_at timestamptz, type text, type_version integer,
    payload bytea, correlation_id text, causation_id text, metadata jsonb, is_suspect boolean)
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $misas$
declare
    called_at constant timestamptz := clock_timestamp();
begin
    return query
    with claimed as (
        update @schema@.predictions p
        set claimed_until = called_at + p_claim_ms * interval '1 ms', attempts = greatest(p.attempts, 1),
            is_suspect = p.attempts > 0
        where p.ctid = any (array(
            select due.ctid
            from @schema@.predictions due
            where due.due_at >= p_from and due.due_at <= p_now
                and (due.claimed_until is null or due.claimed_until < called_at)
                and (p_types is null or due.type = any (p_types))
            order by due.due_at
            limit p_max
            for update skip locked))
        returning p.*)
    select c.id, c.key, c.due_at, c.added_at, c.type, c.type_version, c.payload, c.correlation_id,
        c.causation_id, c.metadata, c.is_suspect
    from claimed c
    order by c.due_at;
end
$misas$;
