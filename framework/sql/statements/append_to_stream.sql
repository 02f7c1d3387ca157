select stream_index, last_version, last_position
from @schema@.append_to_stream($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);
