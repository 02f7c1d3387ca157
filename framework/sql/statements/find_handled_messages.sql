-- Those of the messages (sources $1, ids $2) that were handled: their places among them, from 1, and their answers.
-- The limit makes it a look into the index for each, whatever the planner thinks of the table.
select m.place, h.digest, h.reply_type, h.reply, h.error
from unnest($1::text[], $2::text[]) with ordinality as m (source, id, place)
cross join lateral (
    select found.digest, found.reply_type, found.reply, found.error
    from @schema@.handled_messages found
    where found.source = m.source and found.id = m.id
    limit 1) h;
