#include "system/signals.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock/monotonic.h"

enum {
    look_interval_ms = 100,
    longest_stop_ms = 4000, /* the process is to end within 5 s */
    same_stop_ms = 500,     /* who ends a process may signal it, and then its group */
    status_of_signal = 128  /* and its number: as shells have it */
};

static const char *name_of(int number)
{
    return number == SIGINT ? "SIGINT" : "SIGTERM";
}

/* To the default log, which is there as long as the process is. */
static void log_signal(const misas_system *system, misas_log_level level, const char *message,
                       int number)
{
    misas_log_write(NULL, level, message,
                    (misas_log_field[]){misas_log_text("system", system->name),
                                        misas_log_text("signal", name_of(number)),
                                        misas_log_end()});
}

/* What is in hand was not written, and is handled again: as after a crash. */
static void end_long_stop(misas_system *system)
{
    int64_t since_ms = misas__system_to_stop_since_ms(system);

    if (since_ms == 0 || misas__monotonic_ms() - since_ms < longest_stop_ms) {
        return;
    }
    misas_log_write(NULL, MISAS_LOG_WARNING,
                    "the stop takes too long: what is in hand is left to the next start",
                    (misas_log_field[]){misas_log_text("system", system->name),
                                        misas_log_number("milliseconds", longest_stop_ms),
                                        misas_log_end()});
    _exit(misas__system_has_reason(system) ? 1 : 0);
}

static void take_signal(misas_system *system, int number)
{
    int64_t since_ms = misas__system_to_stop_since_ms(system);

    if (since_ms == 0) {
        log_signal(system, MISAS_LOG_INFO, "the system stops for a signal", number);
        misas_system_request_stop(system, NULL);
        return;
    }
    if (misas__monotonic_ms() - since_ms < same_stop_ms) {
        log_signal(system, MISAS_LOG_INFO, "the system stops already: a signal so soon is the same",
                   number);
        return;
    }
    log_signal(system, MISAS_LOG_ERROR, "a signal while the system stops: the process ends at once",
               number);
    _exit(status_of_signal + number);
}

/* Ended by pthread_cancel, while it waits. */
static void *watch(void *argument)
{
    const misas__signals *signals = argument;
    const struct timespec interval = {.tv_nsec = look_interval_ms * 1000000L};

    for (;;) {
        int number = sigtimedwait(&signals->caught, NULL, &interval);

        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
        if (number > 0) {
            take_signal(signals->system, number);
        }
        end_long_stop(signals->system);
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    }
    return NULL;
}

static void restore(const misas__signals *signals)
{
    sigaction(SIGPIPE, &signals->pipe_before, NULL);
    pthread_sigmask(SIG_SETMASK, &signals->mask_before, NULL);
}

misas_error *misas__signals_begin(misas__signals *signals, misas_system *system)
{
    struct sigaction ignored;

    memset(&ignored, 0, sizeof ignored);
    ignored.sa_handler = SIG_IGN;
    sigemptyset(&ignored.sa_mask);
    signals->system = system;
    sigemptyset(&signals->caught);
    sigaddset(&signals->caught, SIGTERM);
    sigaddset(&signals->caught, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals->caught, &signals->mask_before);
    sigaction(SIGPIPE, &ignored, &signals->pipe_before);
    if (pthread_create(&signals->thread, NULL, watch, signals) != 0) {
        restore(signals);
        return misas_error_out_of_memory();
    }
    return NULL;
}

void misas__signals_end(misas__signals *signals)
{
    pthread_cancel(signals->thread);
    pthread_join(signals->thread, NULL);
    restore(signals);
}
