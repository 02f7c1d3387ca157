select @schema@.delete_documents_fitting($1, $2, $3, $4, $5);
