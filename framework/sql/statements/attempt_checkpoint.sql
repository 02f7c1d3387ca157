-- Counts how often the message at position $5 was tried alone, and renews the lease as renew_checkpoint does, for $6
-- milliseconds.
update @schema@.checkpoints
set attempts = case when attempted_position = $5::bigint then attempts + 1 else 1 end,
    attempted_position = $5::bigint,
    expires_at = clock_timestamp() + $6::integer * interval '1 millisecond'
where processor = $1::text and source = $2::text and partition = $3::integer and epoch = $4::bigint
    and expires_at is not null
returning attempts;
