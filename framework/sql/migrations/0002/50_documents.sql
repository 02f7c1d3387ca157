-- Collections, and the documents in them. No foreign key leads from one to the other: whatever writes documents
-- looks in the same statement whether their collection is there, and delete_collection keeps it out meanwhile.
create table @schema@.collections (
    name text collate "C" primary key,
    created_at timestamptz not null default clock_timestamp()
);

create table @schema@.documents (
    collection text collate "C" not null,
    id text collate "C" not null,
    version bigint not null,
    content jsonb not null,
    primary key (collection, id)
);

-- A content under the name of its collection: {"accounts": {...}}. The index that finds documents by what they
-- contain is so asked about one collection, however many others have the same content.
--
-- jsonb_build_object counts as stable, because it takes values of any type; of these two it always makes the same.
-- The cost keeps a plan, which is made once and maybe on an empty table, from reading the table instead.
create function @schema@.content_in_collection(p_collection text, p_content jsonb) returns jsonb
language sql immutable cost 1000
as $misas$
    select pg_catalog.jsonb_build_object(p_collection, p_content)
$misas$;

-- Without a list of pending entries, which is as fast to write, and which every search would have to look through.
create index documents_content on @schema@.documents
    using gin (@schema@.content_in_collection(collection, content) jsonb_path_ops) with (fastupdate = off);
