-- The last version that a stream has; 0 when it has no events.
select coalesce(max(version), 0) from @schema@.events where stream = $1::text;
