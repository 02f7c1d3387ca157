-- The documents that fit, by id; $5: how many, null: all; $6: how many to leave out before.
select id, version, content
from @schema@.documents
where collection = $1::text and @schema@.document_fits(content, $2, $3, $4)
order by id
limit $5::bigint offset $6::bigint;
