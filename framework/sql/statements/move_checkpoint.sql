-- Moves a checkpoint (processor $1, source $2, partition $3) to position $5, but back only if $7 says so, if the leader
-- is still the one of epoch $4, and renews its lease for $6 milliseconds. No row: it is not, or the checkpoint is
-- past $8.
update @schema@.checkpoints
set position = case when $7::boolean then $5::bigint else greatest(position, $5::bigint) end,
    moved_at = case when position < $5::bigint or $7::boolean then clock_timestamp() else moved_at end,
    attempted_position = case when $7::boolean then 0 else attempted_position end,
    attempts = case when $7::boolean then 0 else attempts end,
    expires_at = clock_timestamp() + $6::integer * interval '1 millisecond', owner_pid = pg_backend_pid()
where processor = $1::text and source = $2::text and partition = $3::integer and epoch = $4::bigint
    and expires_at is not null and position <= $8::bigint
returning 1;
