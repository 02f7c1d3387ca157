/** Private: the SQL files, embedded at build time. `@schema@` in them stands for the quoted schema
 * name, which has no quotes inside, so that it also fits within a literal. */
#ifndef MISAS_SRC_POSTGRESQL_SQL_H
#define MISAS_SRC_POSTGRESQL_SQL_H

typedef struct misas__migration_file {
    int version; /* 0 ends the list */
    const char *name;
    const char *sql;
} misas__migration_file;

extern const misas__migration_file misas__migration_files[];

extern const char misas__sql_append_events[];
extern const char misas__sql_append_first[];
extern const char misas__sql_append_lock_holders[];
extern const char misas__sql_append_next[];
extern const char misas__sql_append_to_stream[];
extern const char misas__sql_clear_store[];
extern const char misas__sql_create_migrations[];
extern const char misas__sql_find_events[];
extern const char misas__sql_last_event_position[];
extern const char misas__sql_last_event_version[];
extern const char misas__sql_last_position[];
extern const char misas__sql_lock_store[];
extern const char misas__sql_mark_stream[];
extern const char misas__sql_read_all_backward[];
extern const char misas__sql_read_all_backward_filtered[];
extern const char misas__sql_read_all_forward[];
extern const char misas__sql_read_all_forward_filtered[];
extern const char misas__sql_read_correlation_backward[];
extern const char misas__sql_read_correlation_forward[];
extern const char misas__sql_read_stream_backward[];
extern const char misas__sql_read_stream_backward_filtered[];
extern const char misas__sql_read_stream_forward[];
extern const char misas__sql_read_stream_forward_filtered[];
extern const char misas__sql_record_migration[];
extern const char misas__sql_remove_events[];
extern const char misas__sql_schema_version[];
extern const char misas__sql_stream_info[];

#endif
