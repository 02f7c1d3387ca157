-- Sets the checkpoint of the processor $1 in the source $2, of its partition 0, to position $3; who leads, leads no
-- longer. No row: there is none.
update @schema@.checkpoints
set position = $3::bigint, moved_at = clock_timestamp(), epoch = epoch + 1, expires_at = null, owner = null,
    owner_pid = null, was_released = true, attempted_position = 0, attempts = 0
where processor = $1::text and source = $2::text and partition = 0
returning 1;
