-- All checkpoints; the owner of one that nobody leads is null.
select processor, source, partition, position, epoch, is_paused, was_released, attempted_position, attempts,
    case when expires_at >= clock_timestamp() then owner end, moved_at
from @schema@.checkpoints
order by processor, source, partition;
