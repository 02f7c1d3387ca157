-- What this store is. Its id says whether a topic, a copy or a checkpoint belongs to it.
create table @schema@.store (
    id uuid not null default gen_random_uuid(),
    created_at timestamptz not null default clock_timestamp(),
    only_row boolean primary key default true check (only_row)
);

insert into @schema@.store default values;
