/* Waiting until all that a step led to is done. */
#include <inttypes.h>
#include <time.h>

#include "clock/monotonic.h"
#include "processing/progress.h"
#include "subsystem/event_processor.h"
#include "testing/scenario.h"

enum { timeout_ms = 10000, look_interval_us = 200 };

/* What is not done yet; at most one thing is named. */
typedef struct unfinished {
    bool is_there;
    misas__text what;
} unfinished;

static void note(unfinished *to, const char *processor, const char *what)
{
    if (!to->is_there) {
        to->is_there = true;
        misas__text_append_format(&to->what, "%s %s", processor, what);
    }
}

/* A failure that is tried again may pass. */
static bool may_pass(const misas_error *error)
{
    return misas_error_has_tag(error, MISAS_TAG_RETRIABLE) ||
           misas_error_is(error, MISAS_ERROR_CONCURRENCY);
}

/* Has it handled all that is in the log for it? Takes what is in `progress`. */
static misas_error *look_at(unfinished *out, misas_scenario *scenario, misas__progress *progress)
{
    uint64_t last = 0;
    misas_error *error = misas__storage_last_position_of(
        &last, misas_system_storage(scenario->system), progress->types);

    if (error != NULL) {
        misas_error_free(progress->failure);
        return error;
    }
    if (progress->leads && progress->handled >= last) {
        misas_error_free(progress->failure);
        return NULL;
    }
    if (progress->failure == NULL || may_pass(progress->failure)) {
        note(out, progress->processor, "has not handled all");
        misas_error_free(progress->failure);
        return NULL;
    }
    misas__scenario_keep_outcome(
        scenario, misas_error_wrap(progress->failure, "the processor %s", progress->processor));
    return NULL;
}

static misas_error *look_at_part(unfinished *out, misas_scenario *scenario,
                                 const misas__system_part *part)
{
    misas__progress progress;
    misas_error *error = NULL;

    if (part->dispatcher != NULL) {
        progress = misas__command_dispatcher_progress(part->dispatcher);
        error = look_at(out, scenario, &progress);
    }
    for (size_t i = 0; i < part->subsystem->processor_count && error == NULL; i++) {
        progress = misas__event_processing_progress(part->events, i);
        error = look_at(out, scenario, &progress);
    }
    return error;
}

/* What event and command processors still have to do. */
static misas_error *look_around(unfinished *out, misas_scenario *scenario)
{
    misas_storage *storage = misas_system_storage(scenario->system);
    uint64_t before = 0;
    uint64_t after = 0;
    misas_error *error = misas__storage_last_position(&before, storage);

    for (size_t i = 0; i < scenario->system->part_count && error == NULL; i++) {
        error = look_at_part(out, scenario, &scenario->system->parts[i]);
    }
    if (error == NULL) {
        error = misas__storage_last_position(&after, storage);
    }
    if (error == NULL && before != after) {
        note(out, "the log", "grows and grows");
    }
    return error;
}

static misas_error *not_settled(const unfinished *what)
{
    const char *reason = what->what.failed || what->what.bytes == NULL ? "" : what->what.bytes;

    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_NOT_SETTLED,
                               .data = (misas_field[]){{"reason", reason}, {NULL, NULL}}},
        "it is not done after %d s: %s", timeout_ms / 1000, reason);
}

misas_error *misas__scenario_wait(misas_scenario *scenario)
{
    int64_t deadline_ms = misas__monotonic_ms() + timeout_ms;
    const struct timespec pause = {.tv_nsec = look_interval_us * 1000L};
    misas_error *error = NULL;
    bool is_done = false;

    while (!is_done && error == NULL) {
        unfinished left = {.is_there = false};

        error = look_around(&left, scenario);
        scenario->has_stopped |= misas__system_has_reason(scenario->system);
        is_done = !left.is_there || scenario->has_stopped;
        if (error == NULL && !is_done && misas__monotonic_ms() > deadline_ms) {
            error = not_settled(&left);
        }
        misas__text_free(&left.what);
        if (!is_done && error == NULL) {
            nanosleep(&pause, NULL);
        }
    }
    return error;
}

/* Events that were set aside, and what stopped the whole system, are outcomes too. */
static misas_error *collect_failures(misas_scenario *scenario)
{
    misas_storage *storage = misas_system_storage(scenario->system);
    const misas__dead_letter *letters = NULL;
    size_t count = 0;
    misas__arena arena = {0};
    misas_error *error = storage->backend->checkpoints.list_dead_letters(
        &letters, &count, storage,
        &(misas__dead_letter_query){.from = scenario->last_dead_letter + 1, .max = SIZE_MAX},
        &arena);

    for (size_t i = 0; i < count && error == NULL; i++) {
        misas_error *failure = NULL;

        error = misas_error_decode(&failure, letters[i].error, letters[i].error_size);
        if (error == NULL) {
            misas__scenario_keep_outcome(
                scenario, misas_error_wrap(failure, "the processor %s has set aside a message",
                                           letters[i].processor));
            scenario->last_dead_letter = letters[i].id;
        }
    }
    misas__arena_free(&arena);
    if (error == NULL && misas__system_has_reason(scenario->system)) {
        misas__scenario_keep_outcome(scenario, misas__system_take_reason(scenario->system));
    }
    return error;
}

misas_error *misas__scenario_settle(misas_scenario *scenario)
{
    misas_error *error = misas__scenario_wait(scenario);

    if (error == NULL) {
        error = misas__scenario_move_clock(scenario, misas_clock_now_us(scenario->clock));
    }
    return error == NULL ? collect_failures(scenario) : error;
}
