/* Waiting until all that a step led to is done. */
#include <inttypes.h>
#include <time.h>

#include "clock/monotonic.h"
#include "system/lagging.h"
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

/* What is looked at, and what is found. */
typedef struct look {
    misas_scenario *scenario;
    unfinished left;
} look;

/* One that fails for good is done: that is an outcome. */
static void note_lagging(void *argument, misas__progress *progress)
{
    look *self = argument;

    if (progress->failure == NULL || may_pass(progress->failure)) {
        note(&self->left, progress->processor, "has not handled all");
        return;
    }
    misas__scenario_keep_outcome(
        self->scenario,
        misas_error_wrap(progress->failure, "the processor %s", progress->processor));
    progress->failure = NULL;
}

/* What event and command processors still have to do. */
static misas_error *look_around(look *self)
{
    bool grows = false;
    misas_error *error =
        misas__system_find_lagging(&grows, self->scenario->system, note_lagging, self);

    if (error == NULL && grows) {
        note(&self->left, "the log", "grows and grows");
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
        look now = {.scenario = scenario};

        error = look_around(&now);
        scenario->has_stopped |= misas__system_has_reason(scenario->system);
        is_done = !now.left.is_there || scenario->has_stopped;
        if (error == NULL && !is_done && misas__monotonic_ms() > deadline_ms) {
            error = not_settled(&now.left);
        }
        misas__text_free(&now.left.what);
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
