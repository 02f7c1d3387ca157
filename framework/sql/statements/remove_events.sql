-- Removes a stream's events before version $2.
delete from @schema@.events where stream = $1::text and version < $2::bigint;
