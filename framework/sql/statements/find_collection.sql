select name from @schema@.collections where name = $1::text;
