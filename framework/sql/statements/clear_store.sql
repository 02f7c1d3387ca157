-- Removes everything but the positions, which go on.
truncate table @schema@.events, @schema@.stream_marks continue identity;
