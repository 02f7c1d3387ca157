select count(*) from @schema@.predictions;
