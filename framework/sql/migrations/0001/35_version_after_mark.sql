-- The version that a stream without events goes on from, by its mark if it has one; null: it is not as expected.
create function @schema@.version_after_mark(p_expected bigint, p_last_version bigint, p_is_deleted boolean)
returns bigint
language sql immutable
as $misas$
    select case
        when p_expected > 0 then case when p_last_version = p_expected and not p_is_deleted
            then p_last_version end
        when p_expected = 0 then case when coalesce(p_is_deleted, true)
            then coalesce(p_last_version, 0) end
        when p_expected = -1 then coalesce(p_last_version, 0)
        when not p_is_deleted then p_last_version
    end
$misas$;
