-- Replaces the contents of documents, all or none; answers as lock_documents.
create function @schema@.update_documents(p_collection text, p_ids text[], p_versions bigint[], p_contents jsonb[])
returns table (problem text, problem_id text, actual_version bigint)
language plpgsql
as $misas$
begin
    return query select * from @schema@.lock_documents(p_collection, p_ids, p_versions);
    if not found then
        update @schema@.documents d set content = n.content, version = d.version + 1
        from unnest(p_ids, p_contents) as n (id, content)
        where d.collection = p_collection and d.id = n.id;
    end if;
end
$misas$;
