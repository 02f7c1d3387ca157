-- Removes the dead letters of these ids; a row for each that was there.
delete from @schema@.dead_letters where id = any($1::bigint[])
returning 1;
