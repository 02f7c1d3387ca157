/** Private: the inside of an event processor, for what runs it. */
#ifndef MISAS_SRC_SUBSYSTEM_EVENT_PROCESSOR_H
#define MISAS_SRC_SUBSYSTEM_EVENT_PROCESSOR_H

#include "subsystem/subsystem.h"

typedef struct misas__reset {
    misas_reset_handler handler;
    void *argument;
} misas__reset;

struct misas_event_processor {
    misas_subsystem *subsystem;
    misas_event_processor_options options; /* complete; its name is that of the checkpoint */
    char *name;
    misas__handler *handlers; /* in the order they were added */
    size_t handler_count;
    size_t handler_capacity;
    misas_batch_handler batch_handler; /* NULL: none */
    void *batch_argument;
    const char **batch_types; /* ends with NULL */
    misas__reset *resets;
    size_t reset_count;
    size_t reset_capacity;
    const char **types; /* that it handles, ending with NULL; made by _complete */
    bool is_sink;
};

/** What misas_subsystem_add_event_processor gives after a mistake; constant. */
misas_event_processor *misas__event_processor_sink(void);

misas_error *misas__event_processor_new(misas_event_processor **out, misas_subsystem *subsystem,
                                        const misas_event_processor_options *options);
void misas__event_processor_free(misas_event_processor *processor);

/** Whether its handler of batches wants events of this type. */
bool misas__event_processor_batches(const misas_event_processor *processor, const char *type);

/** That it can run: it handles something. */
misas_error *misas__event_processor_check(const misas_event_processor *processor);

#endif
