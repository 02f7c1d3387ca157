-- Of the predictions of these ids that were added at these times, in the order of the arrays: their claims end in
-- p_claim_ms; they were answered, so that nothing is suspect about them any more, or handling them is begun once more.
-- Gives the highest number of their attempts, 0 if none of them is there. For the settings, see cancel_predictions.
create function @schema@.note_claims(
    p_ids text[], p_added_at timestamptz[], p_claim_ms integer, p_are_answered boolean, p_is_attempt boolean)
returns integer
language plpgsql
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $misas$
declare
    most integer;
begin
    with noted as (
        update @schema@.predictions p
        set claimed_until = clock_timestamp() + p_claim_ms * interval '1 ms',
            attempts = case when p_are_answered then 0 else p.attempts + p_is_attempt::integer end
        from unnest(p_ids, p_added_at) as n (id, added_at)
        where p.id = n.id and (n.added_at is null or p.added_at = n.added_at)
        returning p.attempts)
    select coalesce(max(noted.attempts), 0) into most from noted;
    return most;
end
$misas$;
