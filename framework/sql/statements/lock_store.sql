-- Waits for the appends in progress and keeps others out until the transaction ends; readers go on. An
-- autovacuum of the table gives way after deadlock_timeout.
lock table @schema@.events in share row exclusive mode;
