-- Marks a dead letter to be retried. No row: there is none.
update @schema@.dead_letters set is_to_be_retried = true where id = $1::bigint
returning 1;
