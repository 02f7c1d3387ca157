/** @file
 * A system: its subsystems, where they keep what they know, and what runs in this process.
 *
 * A program makes a system, registers its subsystems, and runs it:
 *
 *     misas_system *system = NULL;
 *     misas_error *error = misas_system_new(&system, &(misas_system_options){.name = "bank"});
 *
 *     if (error == NULL) {
 *         bank_ledger_register(system);
 *         error = misas_system_run(system, argc, argv);
 *     }
 *     misas_system_free(system);
 *     return misas_error_exit_status(error);
 *
 * Its settings are in the environment (MISAS_POSTGRESQL, MISAS_LOG_LEVEL, …) and on the command
 * line (--log-level), which counts more; `--help` describes each.
 */
#ifndef MISAS_SYSTEM_H
#define MISAS_SYSTEM_H

#include <stdio.h>

#include "misas/postgresql.h"
#include "misas/processing.h"
#include "misas/setting.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A part was registered twice or can't be; data: "name", "reason". Tagged validation. */
#define MISAS_ERROR_SYSTEM_INVALID "misas.system.invalid"

typedef struct misas_system misas_system;

/** Zero members mean the defaults. Texts are copied; all else must outlive the system. */
typedef struct misas_system_options {
    const char *name;    /**< of the system: letters, digits, `-` and `_`; required */
    const char *version; /**< of the program, for --version and the log; NULL: "0" */
    const misas_upcasters *upcasters;
    const misas_clock *clock; /**< the system's time, unless the settings MISAS_CLOCK_* say another;
                                 NULL: the storage's, or the machine's in memory */
    bool is_in_memory; /**< always without a database and without settings: for tests; else the
                          setting MISAS_STORAGE says which */
} misas_system_options;

/** Reads no settings yet: those are read when it runs or starts. Errors: MISAS_ERROR_SYSTEM_INVALID
 * for a name that can't be. */
misas_error *misas_system_new(misas_system **out, const misas_system_options *options);

/** It must not be running. NULL is accepted. */
void misas_system_free(misas_system *system);

/** A subsystem, to be filled by its own register function; belongs to the system. Never NULL: the
 * system keeps the first mistake, and running it reports it. */
misas_subsystem *misas_system_add_subsystem(misas_system *system, const char *name);

/** A service for the handlers of all subsystems, see misas_subsystem_add_service. */
void misas_system_add_service(misas_system *system, const char *name, void *service);

/** Settings of the program's own: they are read together with those of the system, from the
 * environment and the command line (FLIGHTS_BOARD is --flights-board), and --help shows them.
 * `settings_struct` is filled before anything starts; texts and secrets in it live as long as the
 * system. The table must outlive the system. A variable that begins with MISAS_ or is there already
 * is a mistake. */
void misas_system_add_settings(misas_system *system, void *settings_struct,
                               const misas_setting *table);

/** Tells what runs on a thread of its own that it is to stop. */
typedef struct misas_stop misas_stop;

bool misas_stop_is_given(const misas_stop *stop);

/** Waits until it is given, at most so long (-1: for ever). Returns whether it is. */
bool misas_stop_wait(const misas_stop *stop, int timeout_ms);

/** A file descriptor that is readable from when it is given: for poll, beside others. It is not to
 * be read or closed. */
int misas_stop_file(const misas_stop *stop);

/** Something else that runs in this process: a server, a feeder. It has `run`, and perhaps `stop`,
 * or else `start` and `stop`. */
typedef struct misas_entry_point {
    const char *name; /**< as `run` takes it; required */
    misas_error *(*run)(misas_system *system, const misas_stop *stop,
                        void *argument); /**< on a thread of its own, when all subsystems have
                                            started; returns soon after `stop` is given, which is
                                            before they stop. It may return earlier: with NULL the
                                            rest goes on, with an error the system stops */
    misas_error *(*start)(misas_system *system,
                          void *argument); /**< when all subsystems have started; returns soon */
    void (*stop)(misas_system *system, void *argument); /**< before they stop; called for those
                                                           that were started, the last first. Beside
                                                           `run`: wakes it where it waits for
                                                           something else, when its own is given */
    void *argument;
} misas_entry_point;

void misas_system_add_entry_point(misas_system *system, const misas_entry_point *entry_point);

/** What `main` does: reads settings and command line, and carries out the subcommand: `run [name…]`
 * (the default; all entry points or those named: "<subsystem>", "predictor", those added),
 * `migrate`, `processors list|reset|pause|resume`, `dead-letters list|show|retry|drop`, --help,
 * --version. `run` returns after SIGTERM or SIGINT and an orderly stop, or with the fatal error
 * that stopped it. A second signal, from 500 ms after the stop has begun, ends the process at once,
 * and so does a stop that takes 4 s: what is in hand then is handled by the next process, as after
 * a crash. The default log becomes one as the settings say. Call it once, on the main thread,
 * before other threads are started. Errors: MISAS_ERROR_USAGE (also for an entry point, processor
 * or dead letter that is not there), those of settings, the first mistake in registering, whatever
 * keeps it from starting. */
misas_error *misas_system_run(misas_system *system, int argc, char **argv);

/** Starts all of it without waiting: for tests, and for programs with a life of their own. The
 * settings are those of the environment, read the first time. A fatal error is logged; stopping is
 * up to the program. Errors: as misas_system_run; nothing runs then. */
misas_error *misas_system_start(misas_system *system);

/** Stops what was started, in order: entry points, predictor, subsystems. Not from any of their
 * threads. */
void misas_system_stop(misas_system *system);

/** Makes misas_system_run stop and return `error` (given away; NULL: success). Any thread; not from
 * a signal handler. */
void misas_system_request_stop(misas_system *system, misas_error *error);

/** Whether everything that was recorded has been handled by what runs in this process: each event
 * processor has handled all events that are for it, and each command that handlers sent was
 * answered. What was predicted, and what others are sending, is not looked at. For whoever wants to
 * know that the documents are up to date. On a system that has started; any thread. Errors: those
 * of the storage. */
misas_error *misas_system_has_caught_up(bool *out, misas_system *system);

/* What operators do; on a system that has started, or else it is opened for the call. */

/** Brings the schema of the database to this library's version, and says so on standard output.
 * Errors: MISAS_ERROR_USAGE without a database, those of misas_postgresql_migrate. */
misas_error *misas_system_migrate(misas_system *system);

/** Writes a line, or an object of a JSON array, for each processor: those registered, and all that
 * have a checkpoint. The lag is in positions, of which some are never given. */
misas_error *misas_system_list_processors(misas_system *system, FILE *file, bool as_json);

/** Clears what an event processor has made, by its reset handlers, forgets its dead letters, and
 * sets its checkpoint back, all or nothing: it then handles all events anew. It may run meanwhile,
 * here or elsewhere. Errors: MISAS_ERROR_USAGE for one that is not registered here or has no reset
 * handlers; those of the handlers. */
misas_error *misas_system_reset_processor(misas_system *system, const char *name);

/** Lets a processor rest, wherever it runs, within a second, or go on. Errors: MISAS_ERROR_USAGE.
 */
misas_error *misas_system_pause_processor(misas_system *system, const char *name, bool is_paused);

/** Writes a line, or an object of a JSON array, for each dead letter of a processor; NULL: of all.
 * Errors: MISAS_ERROR_USAGE. */
misas_error *misas_system_list_dead_letters(misas_system *system, FILE *file, const char *processor,
                                            bool as_json);

/** Writes all about a dead letter: its event, personal data included, and its error. Errors:
 * MISAS_ERROR_USAGE. */
misas_error *misas_system_show_dead_letter(misas_system *system, FILE *file, int64_t id);

/** Has a dead letter handled once more by its processor, within seconds of it running; or removes
 * it. A prediction is added again by that, and no dead letter any more. Errors: MISAS_ERROR_USAGE;
 * MISAS_ERROR_PREDICTION_EXISTS while there is another of its id. */
misas_error *misas_system_retry_dead_letter(misas_system *system, int64_t id);
misas_error *misas_system_drop_dead_letter(misas_system *system, int64_t id);

/** Of a system that has started. They belong to the system; any thread. */
misas_bus *misas_system_bus(misas_system *system);
misas_storage *misas_system_storage(misas_system *system);
const misas_clock *misas_system_clock(const misas_system *system);
const misas_logger *misas_system_logger(const misas_system *system);

#ifdef __cplusplus
}
#endif

#endif
