-- Pauses or resumes ($2) the processor $1, whichever its sources are; one without a checkpoint gets one, in the
-- source $3.
with changed as (
    update @schema@.checkpoints set is_paused = $2::boolean where processor = $1::text
    returning 1
)
insert into @schema@.checkpoints (processor, source, partition, is_paused)
select $1::text, $3::text, 0, $2::boolean
where not exists (select from changed)
on conflict (processor, source, partition) do update set is_paused = excluded.is_paused;
