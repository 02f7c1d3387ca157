-- Removes the predictions of these ids, in their order. Without the settings a plan made while the table is small
-- would read all of it, and stay when it has grown.
create function @schema@.cancel_predictions(p_ids text[]) returns void
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $misas$
begin
    delete from @schema@.predictions p using unnest(p_ids) as i (id) where p.id = i.id;
end
$misas$;
