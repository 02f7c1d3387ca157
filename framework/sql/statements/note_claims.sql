select @schema@.note_claims($1, $2, $3, $4, $5);
