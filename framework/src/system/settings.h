/** Private: the settings of a system, and what is opened by them alone. */
#ifndef MISAS_SRC_SYSTEM_SETTINGS_H
#define MISAS_SRC_SYSTEM_SETTINGS_H

#include "misas/clock.h"
#include "misas/log.h"
#include "misas/postgresql.h"
#include "misas/setting.h"

/** What their variables begin with, and their options don't. */
#define MISAS__SETTING_PREFIX "MISAS_"

typedef enum misas__storage_kind {
    MISAS__STORAGE_POSTGRESQL,
    MISAS__STORAGE_MEMORY
} misas__storage_kind;

/** Choices are the indices of the table's choices. */
typedef struct misas__system_settings {
    misas_secret *connection; /* NULL: libpq's PG... variables */
    char *schema;
    int log_level;
    int log_format;
    int storage; /* a misas__storage_kind */
    int64_t max_connections;
    int environment; /* a misas_environment */
    int migrates;
    int64_t workers;
    int64_t window;
    int64_t max_batch;
    int64_t cached_aggregates;
    int64_t max_attempts;
    char *clock_origin; /* NULL: not set */
    char *clock_anchor;
    char *clock_rate;
} misas__system_settings;

/** So many come first in the table that are about a database and the log alone. */
enum { misas__database_setting_count = 4 };

extern const misas_setting misas__system_setting_table[];

misas_log_options misas__log_options(const misas__system_settings *settings);

/** Connects. What is wrong with an option is said of its setting. */
misas_error *misas__open_database(misas_postgresql **out, const misas__system_settings *settings,
                                  misas_logger logger);

/** Migrates the database, and says on standard output what version it has now. */
misas_error *misas__migrate_database(const misas__system_settings *settings, misas_logger logger);

/** How the system's clock runs; `*out_is_scaled`: not just as its base. Errors:
 * MISAS_ERROR_SETTING_INVALID, MISAS_ERROR_SETTING_MISSING. */
misas_error *misas__read_clock_scale(misas_clock_scale *out, bool *out_is_scaled,
                                     const misas__system_settings *settings);

#endif
