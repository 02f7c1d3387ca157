-- Locks documents in the order of their ids, which ascend, and looks whether they are as expected (version 0: any).
-- No row: they are. Otherwise what stands against it: 'collection' (there is none), or 'missing' or 'conflict' and
-- the first such id.
create function @schema@.lock_documents(p_collection text, p_ids text[], p_versions bigint[])
returns table (problem text, problem_id text, actual_version bigint)
language plpgsql
as $misas$
declare
    locked bigint;
begin
    loop
        perform from @schema@.documents d
        where d.collection = p_collection and d.id = any (p_ids)
        order by d.id
        for update;
        get diagnostics locked = row_count;

        problem := null;
        select case when d.id is null then 'missing' else 'conflict' end, e.id, d.version
        into problem, problem_id, actual_version
        from unnest(p_ids, p_versions) with ordinality as e (id, version, place)
        left join @schema@.documents d on d.collection = p_collection and d.id = e.id
        where d.id is null or e.version not in (0, d.version)
        order by e.place limit 1;

        -- One that was deleted while this waited for its lock may be there again, not locked yet.
        exit when problem is not null or locked = cardinality(p_ids);
    end loop;
    if problem = 'missing' and not exists (select from @schema@.collections c where c.name = p_collection) then
        problem := 'collection';
    end if;
    if problem is not null then
        return next;
    end if;
end
$misas$;
