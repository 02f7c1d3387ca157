-- The leader of epoch $4 leaves a checkpoint (processor $1, source $2, partition $3), if it still leads.
update @schema@.checkpoints
set expires_at = null, owner = null, owner_pid = null, was_released = true
where processor = $1::text and source = $2::text and partition = $3::integer and epoch = $4::bigint;
