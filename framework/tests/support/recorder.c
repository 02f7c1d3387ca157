#include "support/recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { timeout_ms = 20000 };

static test_recorder *recorder_of(misas_context *context)
{
    void *service = NULL;

    if (misas_context_service(&service, context, "recorder") != NULL) {
        abort();
    }
    return service;
}

static void write_down(test_recorder *self, const char *sign, int64_t cents)
{
    size_t length = strlen(self->text);

    snprintf(self->text + length, sizeof self->text - length, "%s%" PRId64 " ", sign, cents);
}

static misas_error *failure(const test_recorder *self)
{
    return misas_error_new(&(misas_error_options){
        .type_name = "test.failed", .message = "the handler failed", .tags = self->tags});
}

static misas_error *on_deposited(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    test_recorder *self = recorder_of(context);
    misas_error *error = NULL;

    pthread_mutex_lock(&self->mutex);
    self->calls++;
    if (event->cents == self->failing_cents && self->times_to_fail != 0) {
        self->times_to_fail -= self->times_to_fail > 0 ? 1 : 0;
        error = failure(self);
    } else {
        write_down(self, "+", event->cents);
    }
    pthread_mutex_unlock(&self->mutex);
    if (error == NULL && self->act != NULL) {
        self->act(context, event, self);
    }
    return error;
}

static misas_error *on_withdrawn(misas_context *context, const Bank__Ledger__V1__Withdrawn *event)
{
    test_recorder *self = recorder_of(context);

    pthread_mutex_lock(&self->mutex);
    self->calls++;
    write_down(self, "-", event->cents);
    pthread_mutex_unlock(&self->mutex);
    return NULL;
}

void recorder_register(test_recorder *recorder, misas_subsystem *subsystem,
                       misas_event_processor *processor)
{
    misas_subsystem_add_service(subsystem, "recorder", recorder);
    bank_ledger_v1_deposited_on(processor, on_deposited);
    bank_ledger_v1_withdrawn_on(processor, on_withdrawn);
}

typedef struct wanted {
    test_recorder *recorder;
    const char *text;
    int calls;
} wanted;

static bool is_reached(void *argument)
{
    const wanted *self = argument;

    pthread_mutex_lock(&self->recorder->mutex);
    bool is_so = self->text != NULL ? strcmp(self->recorder->text, self->text) == 0
                                    : self->recorder->calls >= self->calls;

    pthread_mutex_unlock(&self->recorder->mutex);
    return is_so;
}

void recorder_await(test_recorder *recorder, const char *text)
{
    wanted wanted_text = {.recorder = recorder, .text = text};

    test_wait_until(is_reached, &wanted_text, timeout_ms);
    pthread_mutex_lock(&recorder->mutex);
    char copy[sizeof recorder->text];

    memcpy(copy, recorder->text, sizeof copy);
    pthread_mutex_unlock(&recorder->mutex);
    assert_string_equal(copy, text);
}

void recorder_await_calls(test_recorder *recorder, int calls)
{
    wanted wanted_calls = {.recorder = recorder, .calls = calls};

    assert_true(test_wait_until(is_reached, &wanted_calls, timeout_ms));
}
