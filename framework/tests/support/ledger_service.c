#include "support/ledger_service.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The tests' own way to fail belongs to the process that this one was forked from. */
static void must(misas_error *error, const char *what)
{
    char text[1000];

    if (error != NULL) {
        misas_error_write(text, sizeof text, error);
        fprintf(stderr, "%s: %s\n", what, text);
        _exit(1);
    }
}

static void open_storage(ledger_service *out, const test_store *at)
{
    must(misas_log_new(&out->log, &(misas_log_options){.level = MISAS_LOG_ERROR}), "a log");
    must(misas_postgresql_new(&out->postgresql,
                              &(misas_postgresql_options){.connection = at->connection,
                                                          .schema = at->schema,
                                                          .logger = {.log = out->log}}),
         "a database");
    must(misas_storage_new_postgresql(&out->storage, out->postgresql, NULL), "a storage");
}

void ledger_service_start(ledger_service *out, const test_store *at, const ledger_options *options)
{
    *out = (ledger_service){.log = NULL};
    open_storage(out, at);
    const misas_logger logger = {.log = out->log};

    out->ledger = ledger_start(out->storage, options);
    must(misas_command_dispatcher_start(
             &out->dispatcher,
             &(misas_command_dispatcher_options){.subsystem = out->ledger.subsystem,
                                                 .storage = out->storage,
                                                 .bus = out->ledger.bus,
                                                 .logger = logger}),
         "a dispatcher");
    must(misas_predictor_start(&out->predictor, &(misas_predictor_options){.storage = out->storage,
                                                                           .bus = out->ledger.bus,
                                                                           .logger = logger}),
         "a predictor");
    must(misas_event_processing_start(
             &out->processing, &(misas_event_processing_options){.subsystem = out->ledger.subsystem,
                                                                 .storage = out->storage,
                                                                 .logger = logger}),
         "the event processors");
}

void ledger_service_stop(ledger_service *started)
{
    misas_event_processing_stop(started->processing);
    misas_predictor_stop(started->predictor);
    misas_command_dispatcher_stop(started->dispatcher);
    ledger_stop(&started->ledger);
    misas_storage_free(started->storage);
    misas_postgresql_free(started->postgresql);
    misas_log_free(started->log);
}

pid_t ledger_service_fork(void (*work)(void *argument), void *argument)
{
    fflush(NULL);
    pid_t id = fork();

    if (id == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        work(argument);
        _exit(0);
    }
    assert_true(id > 0);
    return id;
}
