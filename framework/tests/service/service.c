#include "service/service.h"

#include <unistd.h>

#include "service/notes.h"
#include "service/predictions.h"
#include "support/ledger.h"

static misas_error *break_down(misas_context *context, const Bank__Ledger__V1__Probe *probe,
                               void *argument)
{
    (void)context;
    (void)probe;
    (void)argument;
    return misas_error_new(&(misas_error_options){
        .type_name = "bank.broken", .message = "the bank is broken", .tags = MISAS_TAG_FATAL});
}

void service_add_ledger(misas_system *system)
{
    static const ledger_options options = {.probe = break_down};
    misas_subsystem *subsystem = misas_system_add_subsystem(system, "ledger");

    ledger_register(subsystem, &options);
    notes_register(subsystem);
    predictions_register(subsystem);
}

static char account[] = "anna";

static misas_error *deposit(misas_system *system, int64_t cents, const char *id)
{
    Bank__Ledger__V1__Deposit command = BANK__LEDGER__V1__DEPOSIT__INIT;

    command.account = account;
    command.cents = cents;
    return bank_ledger_v1_deposit_send_and_wait(NULL, misas_system_bus(system), &command,
                                                &(misas_send_options){.id = id});
}

static misas_error *feed(misas_system *system, void *argument)
{
    Bank__Ledger__V1__Open command = BANK__LEDGER__V1__OPEN__INIT;

    (void)argument;
    command.account = account;
    misas_error *error = bank_ledger_v1_open_send_and_wait(NULL, misas_system_bus(system), &command,
                                                           &(misas_send_options){.id = "feeder-1"});

    if (error == NULL) {
        error = deposit(system, 5, "feeder-2");
    }
    return error == NULL ? deposit(system, notes_failing_cents, "feeder-3") : error;
}

static misas_error *send_probe(misas_system *system, void *argument)
{
    Bank__Ledger__V1__Probe command = BANK__LEDGER__V1__PROBE__INIT;

    (void)argument;
    command.account = account;
    return bank_ledger_v1_probe_send(misas_system_bus(system), &command, NULL);
}

static misas_error *start_nothing(misas_system *system, void *argument)
{
    (void)system;
    (void)argument;
    return NULL;
}

static void stop_nothing(misas_system *system, void *argument)
{
    (void)system;
    (void)argument;
}

static void sleep_on(misas_system *system, void *argument)
{
    (void)argument;
    misas_log_write(misas_system_logger(system), MISAS_LOG_INFO, "the sleeper sleeps on", NULL);
    for (;;) {
        pause();
    }
}

void service_add_entry_points(misas_system *system)
{
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "feeder", .start = feed, .stop = stop_nothing});
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "breaker", .start = send_probe, .stop = stop_nothing});
    misas_system_add_entry_point(
        system, &(misas_entry_point){.name = "sleeper", .start = start_nothing, .stop = sleep_on});
}
