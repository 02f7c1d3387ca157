/* Entry points that a program has added, on threads of their own or not. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock/monotonic.h"
#include "system/system.h"

int misas_stop_file(const misas_stop *stop)
{
    return stop->file;
}

bool misas_stop_wait(const misas_stop *stop, int timeout_ms)
{
    const int64_t until_ms = misas__monotonic_ms() + timeout_ms;
    struct pollfd polled = {.fd = stop->file, .events = POLLIN};
    int left_ms = timeout_ms;
    int ready = poll(&polled, 1, left_ms);

    while (ready < 0 && errno == EINTR) { /* a signal came in between */
        const int64_t more_ms = until_ms - misas__monotonic_ms();

        left_ms = timeout_ms < 0 ? -1 : more_ms > 0 ? (int)more_ms : 0;
        ready = poll(&polled, 1, left_ms);
    }
    return ready > 0;
}

bool misas_stop_is_given(const misas_stop *stop)
{
    return misas_stop_wait(stop, 0);
}

static void give(const misas_stop *stop)
{
    eventfd_write(stop->file, 1); /* fails only if it was given very often */
}

static misas_error *run_failed(const misas__added_entry_point *added, misas_error *error)
{
    return misas_error_wrap(error, "the entry point %s", added->name);
}

static void *run(void *argument)
{
    misas__added_entry_point *added = argument;
    misas_error *error =
        added->entry_point.run(added->system, &added->stop, added->entry_point.argument);

    if (error != NULL) {
        error = run_failed(added, error);
        misas_log_write_error(&added->system->logger, MISAS_LOG_ERROR,
                              "the system stops for the error of an entry point", error, NULL);
        misas_system_request_stop(added->system, error);
    }
    return NULL;
}

static misas_error *no_stop(void)
{
    return misas_error_new_format(&(misas_error_options){.type_name = MISAS_ERROR_SYSTEM_INVALID},
                                  "no file descriptor to stop it by: %s", strerror(errno));
}

static misas_error *start_thread(misas__added_entry_point *added)
{
    added->stop.file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (added->stop.file < 0) {
        return no_stop();
    }
    if (pthread_create(&added->thread, NULL, run, added) != 0) {
        close(added->stop.file);
        return misas_error_out_of_memory();
    }
    return NULL;
}

misas_error *misas__entry_point_start(misas__added_entry_point *added)
{
    const misas_entry_point *entry_point = &added->entry_point;

    if (!added->is_chosen) {
        return NULL;
    }
    misas_error *error = entry_point->run != NULL
                             ? start_thread(added)
                             : entry_point->start(added->system, entry_point->argument);

    added->has_started = error == NULL;
    return error == NULL ? NULL : run_failed(added, error);
}

void misas__entry_point_stop(misas__added_entry_point *added)
{
    if (!added->has_started) {
        return;
    }
    const misas_entry_point *entry_point = &added->entry_point;

    added->has_started = false;
    if (entry_point->run != NULL) {
        give(&added->stop);
    }
    if (entry_point->stop != NULL) {
        entry_point->stop(added->system, entry_point->argument);
    }
    if (entry_point->run != NULL) {
        pthread_join(added->thread, NULL);
        close(added->stop.file);
    }
}
