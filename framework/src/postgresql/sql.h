/** Private: the SQL files, embedded at build time. `@schema@` in them stands for the quoted schema
 * name,
 * `@schema_literal@` for the text of it as a quoted literal. */
#ifndef MISAS_SRC_POSTGRESQL_SQL_H
#define MISAS_SRC_POSTGRESQL_SQL_H

typedef struct misas__migration_file {
    int version; /* 0 ends the list */
    const char *name;
    const char *sql;
} misas__migration_file;

extern const misas__migration_file misas__migration_files[];

#endif
