/** Private: the inside of a system. */
#ifndef MISAS_SRC_SYSTEM_SYSTEM_H
#define MISAS_SRC_SYSTEM_SYSTEM_H

#include <pthread.h>

#include "misas/system.h"
#include "processing/stop_signal.h"
#include "storage/transaction.h"
#include "system/settings.h"

/** The entry point that is the predictor. */
#define MISAS__PREDICTOR "predictor"

/** A subsystem, and what runs of it. */
typedef struct misas__system_part {
    misas_subsystem *subsystem;
    bool is_chosen;
    misas_command_processor *commands;    /* NULL: does not run */
    misas_command_dispatcher *dispatcher; /* likewise */
    misas_event_processing *events;       /* likewise */
} misas__system_part;

struct misas_stop {
    int file; /* an eventfd, which counts how often it was given */
};

/** An entry point that was added. */
typedef struct misas__added_entry_point {
    misas_system *system;
    misas_entry_point entry_point;
    char *name; /* its own copy */
    bool is_chosen;
    bool has_started;
    misas_stop stop;  /* of one that runs on a thread of its own */
    pthread_t thread; /* likewise */
} misas__added_entry_point;

typedef struct misas__system_service {
    char *name;
    void *service;
} misas__system_service;

struct misas_system {
    misas_system_options options;
    char *name;
    char *version;
    misas_error *mistake;
    misas__system_part *parts;
    size_t part_count;
    size_t part_capacity;
    misas_subsystem *sink; /* what is registered after a mistake */
    misas__added_entry_point *entry_points;
    size_t entry_point_count;
    size_t entry_point_capacity;
    misas__system_service *services;
    size_t service_count;
    size_t service_capacity;

    misas__system_settings settings;
    misas_setting_group *added_settings; /* ends with a NULL table, if there are any */
    size_t added_settings_count;
    bool has_settings;
    misas_logger logger; /* its log is the system's */
    misas_postgresql *database;
    misas_storage *storage; /* NULL: it is not open */
    misas_clock *measured;  /* set by the storage's clock; NULL: none */
    misas_clock *own_clock; /* NULL: a given one */
    const misas_clock *clock;
    misas_bus *bus;

    bool is_predictor_chosen;
    misas_predictor *predictor; /* NULL: does not run */
    pthread_t time_keeper;      /* measures the clock where no predictor does */
    bool has_time_keeper;
    misas__stop_signal time_keeper_stop;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    bool is_to_stop;
    int64_t to_stop_since_ms;
    misas_error *reason; /* why it stops; NULL: it was asked to */
};

misas_error *misas__system_invalid(const char *name, const char *reason);

/** Keeps an error as the system's mistake, unless it has one. Takes the error; NULL: nothing. */
void misas__system_keep_mistake(misas_system *system, misas_error *error);

/** The first mistake made in registering, also in a subsystem; the caller's. */
misas_error *misas__system_check(const misas_system *system);

/** Reads the settings, unless they were read. `line` may be NULL. */
misas_error *misas__system_read_settings(misas_system *system, misas_command_line *line);

void misas__system_clear_settings(misas_system *system);

/** Opens log, storage, clock and bus; `migrates` if the settings say so. After an error all is
 * closed. */
misas_error *misas__system_open(misas_system *system, bool migrates);
void misas__system_close(misas_system *system);

/** Chooses what is to start: all, or what `names` say. Errors: MISAS_ERROR_USAGE. */
misas_error *misas__system_choose(misas_system *system, const char *const *names, size_t count);

/** Starts what was chosen, on what is open. After an error it has been stopped. */
misas_error *misas__system_start_chosen(misas_system *system);
void misas__system_stop_chosen(misas_system *system);

/** Waits until it is to stop. */
void misas__system_wait(misas_system *system);

/** The error that it was to stop with, or NULL; the caller's. */
misas_error *misas__system_take_reason(misas_system *system);
bool misas__system_has_reason(misas_system *system);

/** Since when it is to stop, by the monotonic clock; 0: it is not. Any thread. */
int64_t misas__system_to_stop_since_ms(misas_system *system);

/** Starts and stops an entry point that was added. Errors: those of its own. */
misas_error *misas__entry_point_start(misas__added_entry_point *added);
void misas__entry_point_stop(misas__added_entry_point *added);

/** Starts and ends the thread that measures the clock. */
misas_error *misas__time_keeper_start(misas_system *system);
void misas__time_keeper_stop(misas_system *system);

/** Measures the clock, if it is one that is measured. */
misas_error *misas__measure_clock(const misas_system *system);

#endif
