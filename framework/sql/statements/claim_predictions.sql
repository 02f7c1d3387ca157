select id, key, due_at, added_at, type, type_version, payload, correlation_id, causation_id, metadata, is_suspect
from @schema@.claim_predictions($1, $2, $3, $4, $5);
