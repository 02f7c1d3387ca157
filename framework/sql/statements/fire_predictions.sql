select @schema@.fire_predictions($1, $2);
