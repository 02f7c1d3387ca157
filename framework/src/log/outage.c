#include "log/outage.h"

#include <stdio.h>
#include <string.h>

#include "clock/monotonic.h"

enum { same_error_interval_ms = 10000, other_error_interval_ms = 1000 };

static const char *type_of(const misas_error *error)
{
    const char *type = misas_error_type(error);

    return type != NULL ? type : "";
}

static bool is_to_be_said(const misas__outage *outage, int64_t now_ms, const misas_error *error)
{
    bool is_same = strncmp(outage->said_type, type_of(error), misas__outage_type_size - 1) == 0;

    return !outage->was_said ||
           now_ms - outage->said_ms >= (is_same ? same_error_interval_ms : other_error_interval_ms);
}

static void say(misas__outage *outage, int64_t now_ms, const char *what, const misas_error *error)
{
    misas_log_field fields[] = {outage->who, misas_log_end(), misas_log_end()};

    if (outage->left_out > 0) {
        fields[0] = misas_log_number("tries_left_out", outage->left_out);
        fields[1] = outage->who;
    }
    misas_log_write_error(&outage->logger, MISAS_LOG_WARNING, what, error, fields);
    outage->left_out = 0;
    outage->is_told = true;
    outage->was_said = true;
    outage->said_ms = now_ms;
    snprintf(outage->said_type, sizeof outage->said_type, "%s", type_of(error));
}

void misas__outage_fail_at(misas__outage *outage, int64_t now_ms, const char *what,
                           const misas_error *error)
{
    if (!misas_error_has_tag(error, MISAS_TAG_RETRIABLE)) {
        misas_log_write_error(&outage->logger, MISAS_LOG_WARNING, what, error,
                              (misas_log_field[]){outage->who, misas_log_end()});
        return;
    }
    if (!outage->is_on) {
        outage->is_on = true;
        outage->began_ms = now_ms;
        outage->failures = 0;
    }
    outage->failures++;
    if (is_to_be_said(outage, now_ms, error)) {
        say(outage, now_ms, what, error);
    } else {
        outage->left_out++;
    }
}

void misas__outage_end_at(misas__outage *outage, int64_t now_ms)
{
    if (outage->is_told) {
        misas_log_write(
            &outage->logger, MISAS_LOG_INFO, "the storage is back",
            (misas_log_field[]){misas_log_number("milliseconds", now_ms - outage->began_ms),
                                misas_log_number("failed_tries", outage->failures), outage->who,
                                misas_log_end()});
        outage->left_out = 0;
    }
    outage->is_on = false;
    outage->is_told = false;
}

void misas__outage_fail(misas__outage *outage, const char *what, const misas_error *error)
{
    misas__outage_fail_at(outage, misas__monotonic_ms(), what, error);
}

/* Called with each success: it reads no clock when there is nothing to say. */
void misas__outage_end(misas__outage *outage)
{
    if (outage->is_on) {
        misas__outage_end_at(outage, misas__monotonic_ms());
    }
}
