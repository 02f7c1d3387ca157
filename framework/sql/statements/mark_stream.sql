-- Keeps what a stream's last version was, and whether it was deleted.
insert into @schema@.stream_marks (stream, last_version, is_deleted)
values ($1::text, $2::bigint, $3::boolean)
on conflict (stream) do update
set last_version = excluded.last_version, is_deleted = excluded.is_deleted,
    marked_at = clock_timestamp();
