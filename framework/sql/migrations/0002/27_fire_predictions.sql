-- Removes the predictions of these ids that were added at these times (null: whenever), in the order of the arrays,
-- and gives how many there were. For the settings, see cancel_predictions.
create function @schema@.fire_predictions(p_ids text[], p_added_at timestamptz[]) returns bigint
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $misas$
declare
    fired bigint;
begin
    delete from @schema@.predictions p
    using unnest(p_ids, p_added_at) as f (id, added_at)
    where p.id = f.id and (f.added_at is null or p.added_at = f.added_at);
    get diagnostics fired = row_count;
    return fired;
end
$misas$;
