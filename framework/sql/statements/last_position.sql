-- The highest position drawn so far; 0 when none was. The first of the high-water mark's statements.
select case when is_called then last_value else 0 end from @schema@.events_position_seq;
