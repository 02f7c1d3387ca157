select count(*) from @schema@.documents_fitting($1, $2, $3, $4, $5);
