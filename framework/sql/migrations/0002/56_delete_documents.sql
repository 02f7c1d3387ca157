-- Deletes documents, all or none; answers as lock_documents.
create function @schema@.delete_documents(p_collection text, p_ids text[], p_versions bigint[])
returns table (problem text, problem_id text, actual_version bigint)
language plpgsql
as $misas$
begin
    return query select * from @schema@.lock_documents(p_collection, p_ids, p_versions);
    if not found then
        delete from @schema@.documents d where d.collection = p_collection and d.id = any (p_ids);
    end if;
end
$misas$;
