select id, version, content from @schema@.documents where collection = $1::text and id = $2::text;
