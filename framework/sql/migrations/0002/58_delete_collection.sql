-- Deletes a collection with its documents; whether there was one. Waits until no transaction has written documents
-- any more, and keeps others from writing them: each sees the collection as it was, or that it is gone. Those queue
-- behind this one while it waits: not for longer than 2 s, but for longer than deadlock_timeout, after which an
-- autovacuum of the table gives way.
create function @schema@.delete_collection(p_name text) returns boolean
language plpgsql
set lock_timeout = '2s'
as $misas$
begin
    lock table @schema@.documents in share row exclusive mode;
    delete from @schema@.collections where name = p_name;
    if not found then
        return false;
    end if;
    delete from @schema@.documents where collection = p_name;
    return true;
end
$misas$;
