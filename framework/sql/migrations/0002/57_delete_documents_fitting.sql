-- Deletes the documents that documents_fitting finds, as far as they fit still when they are locked, in the order of
-- their ids. How many there were.
create function @schema@.delete_documents_fitting(
    p_collection text, p_contained jsonb, p_paths text[], p_operators integer[], p_operands jsonb[])
returns bigint
language plpgsql
as $misas$
declare
    ids text[];
    deleted bigint;
begin
    ids := array(
        select f.id from @schema@.documents_fitting(p_collection, p_contained, p_paths, p_operators, p_operands) f);
    perform from @schema@.documents d
    where d.collection = p_collection and d.id = any (ids)
    order by d.id
    for update;
    delete from @schema@.documents d
    where d.collection = p_collection and d.id = any (ids)
        and @schema@.document_fits(d.content, p_paths, p_operators, p_operands);
    get diagnostics deleted = row_count;
    return deleted;
end
$misas$;
