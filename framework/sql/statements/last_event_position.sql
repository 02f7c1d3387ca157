-- The position of the last event up to position $1; 0 when there is none. Unlike a position that was only
-- drawn, it was committed, and so outlives the server.
select coalesce(max(position), 0) from @schema@.events where position <= $1::bigint;
