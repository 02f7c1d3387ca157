select @schema@.delete_collection($1::text);
