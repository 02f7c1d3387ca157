-- No row: there is one already.
insert into @schema@.collections (name) values ($1::text) on conflict do nothing returning name;
