-- Removes up to $2 messages that were handled more than $1 seconds ago, and says how many. The index is
-- over ranges of pages, which fill in the order of time.
with gone as (
    delete from @schema@.handled_messages
    where ctid = any (array(
        select old.ctid from @schema@.handled_messages old
        where old.handled_at < clock_timestamp() - make_interval(secs => $1::bigint)
        limit $2::bigint))
    returning 1)
select count(*) from gone;
