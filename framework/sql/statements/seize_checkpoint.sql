-- Takes the lease of a checkpoint (processor $1, source $2, partition $3) for the owner $4 and for $5 milliseconds,
-- whoever has it. A new checkpoint is paused if its processor is.
insert into @schema@.checkpoints as c (processor, source, partition, epoch, owner, owner_pid, was_released, expires_at,
    is_paused)
select $1::text, $2::text, $3::integer, 1, $4::text, pg_backend_pid(), false,
    clock_timestamp() + $5::integer * interval '1 millisecond',
    exists (select from @schema@.checkpoints p where p.processor = $1::text and p.is_paused)
on conflict (processor, source, partition) do update
set epoch = c.epoch + 1, owner = excluded.owner, owner_pid = excluded.owner_pid, was_released = false,
    expires_at = excluded.expires_at
returning c.position, c.epoch, c.is_paused, true, c.attempted_position, c.attempts;
