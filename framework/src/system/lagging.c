#include "system/lagging.h"

#include <string.h>

#include "subsystem/event_processor.h"

/* Who is visited, and by whom. */
typedef struct visit {
    misas_system *system;
    misas__lagging_visitor visitor;
    void *argument;
    const misas__checkpoint_info *checkpoints; /* as they were before */
    size_t checkpoint_count;
} visit;

/* Whether another leads by now, or the processor was reset, and does not know it yet. */
static bool is_overtaken(const visit *with, const misas__progress *progress)
{
    for (size_t i = 0; i < with->checkpoint_count; i++) {
        const misas__checkpoint_info *each = &with->checkpoints[i];

        if (strcmp(each->key.processor, progress->processor) == 0) {
            return each->checkpoint.epoch != progress->epoch;
        }
    }
    return false;
}

/* Takes what is in `progress`. */
static misas_error *look_at(const visit *with, misas__progress *progress)
{
    uint64_t last = 0;
    misas_error *error =
        misas__storage_last_position_of(&last, with->system->storage, progress->types);

    if (error == NULL &&
        (!progress->leads || progress->handled < last || is_overtaken(with, progress))) {
        with->visitor(with->argument, progress);
    }
    misas_error_free(progress->failure);
    return error;
}

static misas_error *look_at_part(const visit *with, const misas__system_part *part)
{
    misas__progress progress;
    misas_error *error = NULL;

    if (part->dispatcher != NULL) {
        progress = misas__command_dispatcher_progress(part->dispatcher);
        error = look_at(with, &progress);
    }
    for (size_t i = 0;
         part->events != NULL && i < part->subsystem->processor_count && error == NULL; i++) {
        progress = misas__event_processing_progress(part->events, i);
        error = look_at(with, &progress);
    }
    return error;
}

misas_error *misas__system_find_lagging(bool *out_grows, misas_system *system,
                                        misas__lagging_visitor visitor, void *argument)
{
    visit with = {.system = system, .visitor = visitor, .argument = argument};
    misas__arena arena = {0};
    uint64_t before = 0;
    uint64_t after = 0;
    misas_error *error = misas__storage_last_position(&before, system->storage);

    if (error == NULL) {
        error = system->storage->backend->checkpoints.list(
            &with.checkpoints, &with.checkpoint_count, system->storage, &arena);
    }
    for (size_t i = 0; i < system->part_count && error == NULL; i++) {
        error = look_at_part(&with, &system->parts[i]);
    }
    if (error == NULL) {
        error = misas__storage_last_position(&after, system->storage);
    }
    misas__arena_free(&arena);
    *out_grows = before != after;
    return error;
}

static void note_lagging(void *argument, misas__progress *progress)
{
    bool *has_caught_up = argument;

    (void)progress;
    *has_caught_up = false;
}

misas_error *misas_system_has_caught_up(bool *out, misas_system *system)
{
    bool grows = false;

    *out = true;
    misas_error *error = misas__system_find_lagging(&grows, system, note_lagging, out);

    *out = *out && !grows && error == NULL;
    return error;
}
