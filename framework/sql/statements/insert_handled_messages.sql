-- Records that messages were handled, with their answers. A unique violation says that one was before; where
-- another transaction that handles one is under way, this waits for its outcome.
insert into @schema@.handled_messages (handled_at, source, id, digest, reply_type, reply, error)
select now(), h.source, h.id, h.digest, h.reply_type, h.reply, h.error
from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::bytea[], $6::bytea[])
    as h (source, id, digest, reply_type, reply, error);
