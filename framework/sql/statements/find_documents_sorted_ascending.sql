-- The documents that fit, by what the path $6 leads to, then by id; null: by id. $7: how many, null: all; $8: how
-- many to leave out before.
select d.id, d.version, d.content
from (
    select f.id, f.version, f.content, f.content #> string_to_array($6::text, '.') as value
    from @schema@.documents_fitting($1, $2, $3, $4, $5) f) d
order by
    d.value is null,
    array_position('{number,string,boolean}', jsonb_typeof(d.value)),
    case when jsonb_typeof(d.value) in ('number', 'boolean') then d.value end,
    case when jsonb_typeof(d.value) = 'string' then d.value #>> '{}' end collate "C",
    d.id
limit $7::bigint offset $8::bigint;
