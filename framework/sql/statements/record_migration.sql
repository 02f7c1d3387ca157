insert into @schema@.migrations (version) values ($1::integer);
