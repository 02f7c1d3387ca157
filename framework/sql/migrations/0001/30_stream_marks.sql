-- Streams that were truncated or deleted: the last version that they had, so that no version is given
-- twice. An append looks here only when it finds no predecessor among the events.
create table @schema@.stream_marks (
    stream text collate "C" primary key,
    last_version bigint not null check (last_version > 0),
    is_deleted boolean not null,
    marked_at timestamptz not null default clock_timestamp()
);

-- Called for each mark made, and never rolled back: while it is uncalled there is no mark, and an append to a
-- new stream need not look for one. Reading a sequence costs a tenth of looking into a table.
create sequence @schema@.stream_marks_seq as bigint;

create function @schema@.count_stream_marks() returns trigger
language plpgsql
as $misas$
begin
    perform nextval('@schema@.stream_marks_seq');
    return null;
end
$misas$;

create trigger count_stream_marks before insert on @schema@.stream_marks
    for each statement execute function @schema@.count_stream_marks();
