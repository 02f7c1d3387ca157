-- Renews the lease of a checkpoint (processor $1, source $2, partition $3) for $5 milliseconds, if the leader is still
-- the one of epoch $4. No row: it is not.
update @schema@.checkpoints
set expires_at = clock_timestamp() + $5::integer * interval '1 millisecond'
where processor = $1::text and source = $2::text and partition = $3::integer and epoch = $4::bigint
    and expires_at is not null
returning is_paused;
