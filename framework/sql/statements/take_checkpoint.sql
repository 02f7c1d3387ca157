-- Takes the lease of a checkpoint (processor $1, source $2, partition $3) for the owner $4 and for $5 milliseconds;
-- no row: another has it. A row that another transaction has locked is not waited for, since a leader that was
-- stopped may hold it; so that the insert does not wait for one either, it is left out where a row can be seen. A
-- new checkpoint is paused if its processor is.
with free as (
    select c.was_released
    from @schema@.checkpoints c
    where c.processor = $1::text and c.source = $2::text and c.partition = $3::integer
        and (c.expires_at is null or c.expires_at < clock_timestamp())
    for update skip locked
), taken as (
    update @schema@.checkpoints c
    set epoch = c.epoch + 1, owner = $4::text, owner_pid = pg_backend_pid(), was_released = false,
        expires_at = clock_timestamp() + $5::integer * interval '1 millisecond'
    from free
    where c.processor = $1::text and c.source = $2::text and c.partition = $3::integer
    returning c.position, c.epoch, c.is_paused, free.was_released, c.attempted_position, c.attempts
), added as (
    insert into @schema@.checkpoints as c (processor, source, partition, epoch, owner, owner_pid, was_released,
        expires_at, is_paused)
    select $1::text, $2::text, $3::integer, 1, $4::text, pg_backend_pid(), false,
        clock_timestamp() + $5::integer * interval '1 millisecond',
        exists (select from @schema@.checkpoints p where p.processor = $1::text and p.is_paused)
    where not exists (
        select from @schema@.checkpoints k
        where k.processor = $1::text and k.source = $2::text and k.partition = $3::integer)
    on conflict do nothing
    returning c.position, c.epoch, c.is_paused, true, c.attempted_position, c.attempts
)
select * from taken
union all
select * from added;
