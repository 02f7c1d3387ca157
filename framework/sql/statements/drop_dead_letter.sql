-- Removes a dead letter. No row: there is none.
delete from @schema@.dead_letters where id = $1::bigint
returning 1;
