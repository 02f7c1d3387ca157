-- The version of the schema; null when it has no migrations yet.
select max(version)::integer as version from @schema@.migrations;
