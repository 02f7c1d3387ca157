/** Private: what operators do with processors and dead letters. */
#ifndef MISAS_SRC_SYSTEM_OPERATIONS_H
#define MISAS_SRC_SYSTEM_OPERATIONS_H

#include "memory/arena.h"
#include "system/system.h"
#include "text/text.h"

/** Opens the system for the time of an operation, if it is not open: `*out_opened`. */
misas_error *misas__begin_operation(bool *out_opened, misas_system *system);
void misas__end_operation(misas_system *system, bool was_opened);

/** A processor that is registered, or has a checkpoint, or both. */
typedef struct misas__known_processor {
    const char *name;
    const misas_event_processor *processor; /* NULL: not in this program */
    const misas__checkpoint_info *info;     /* NULL: it has no checkpoint yet */
} misas__known_processor;

typedef struct misas__known_processors {
    misas__arena arena;            /* all of it is in it */
    misas__known_processor *items; /* by name */
    size_t count;
} misas__known_processors;

/** All that are known; the storage is open. */
misas_error *misas__find_processors(misas__known_processors *out, misas_system *system);
/** Those that have dead letters, but follow nothing: "<subsystem>.predictions". */
misas_error *misas__add_prediction_processors(misas__known_processors *to,
                                              const misas_system *system);
void misas__free_processors(misas__known_processors *processors);

/** Errors: MISAS_ERROR_USAGE, which names those that are known. */
misas_error *misas__get_processor(const misas__known_processor **out,
                                  const misas__known_processors *processors, const char *name);

/** Appends `"name":` and the value, after a comma unless it is the first member. NULL: null. */
void misas__append_json_text(misas__text *text, const char *name, const char *value);
void misas__append_json_number(misas__text *text, const char *name, int64_t value);
void misas__append_json_bool(misas__text *text, const char *name, bool value);
void misas__append_json_time(misas__text *text, const char *name, int64_t time_us);

/** Writes the text and a newline, and frees it. */
misas_error *misas__write_text(misas__text *text, FILE *file);

#endif
