select @schema@.cancel_predictions($1);
