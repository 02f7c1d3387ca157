-- The documents of a collection that fit all conditions. `p_contained` is what they contain in any case, as
-- content_in_collection puts it, so that the index finds them; null: nothing that it knows of. Only one of the
-- halves is ever run. Being a single select, this becomes part of the statement that calls it.
create function @schema@.documents_fitting(
    p_collection text, p_contained jsonb, p_paths text[], p_operators integer[], p_operands jsonb[])
returns setof @schema@.documents
language sql stable
as $misas$
    select d.* from @schema@.documents d
    where p_contained is null and d.collection = p_collection
        and @schema@.document_fits(d.content, p_paths, p_operators, p_operands)
    union all
    select d.* from @schema@.documents d
    where @schema@.content_in_collection(d.collection, d.content) @> p_contained
        and @schema@.document_fits(d.content, p_paths, p_operators, p_operands)
$misas$;
