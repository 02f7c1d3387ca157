-- Inserts documents, all or none. No row: it is done. Otherwise what stands against it: 'collection' (there is
-- none), or 'exists' and the first such id.
--
-- An id that another transaction is inserting makes this one wait for it. Finding it taken then is no error of the
-- database, so that the transaction stays fit to go on; what was inserted beside it is taken out again. Ids ascend:
-- who holds one waits for later ones only, so that two can't wait for each other. That is why nothing is tried again
-- when a document that was in the way has just been deleted.
create function @schema@.insert_documents(p_collection text, p_ids text[], p_contents jsonb[])
returns table (problem text, problem_id text, actual_version bigint)
language plpgsql
as $misas$
declare
    inserted text[];
begin
    with rows as (
        insert into @schema@.documents as d (collection, id, version, content)
        select p_collection, n.id, 1, n.content
        from unnest(p_ids, p_contents) with ordinality as n (id, content, place)
        where exists (select from @schema@.collections c where c.name = p_collection)
        order by n.place
        on conflict do nothing
        returning d.id)
    select coalesce(array_agg(r.id), '{}') into inserted from rows r;
    if cardinality(inserted) = cardinality(p_ids) then
        return;
    end if;

    delete from @schema@.documents d where d.collection = p_collection and d.id = any (inserted);
    if exists (select from @schema@.collections c where c.name = p_collection) then
        return query
            select 'exists', n.id, null::bigint
            from unnest(p_ids, inserted) with ordinality as n (id, inserted_id, place)
            where n.inserted_id is distinct from n.id
            order by n.place limit 1;
    else
        return query values ('collection', null::text, null::bigint);
    end if;
end
$misas$;
