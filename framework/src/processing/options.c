#include "processing/options.h"

#include <stdio.h>
#include <unistd.h>

#include "misas/processing.h"
#include "subsystem/subsystem.h"

misas_error *misas__processing_options_error(const char *option, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_PROCESSING_OPTIONS,
            .data = (misas_field[]){{"option", option}, {"reason", reason}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the option %s of a processor is not valid: %s", option, reason);
}

misas_error *misas__check_processing(const misas_subsystem *subsystem, bool is_complete)
{
    if (subsystem == NULL || !is_complete) {
        return misas__processing_options_error(
            "subsystem", "expected a subsystem, and all else that is required");
    }
    return misas__subsystem_check(subsystem);
}

const char *misas__name_owner(char buffer[misas__owner_size], const char *given)
{
    char host[64] = "";

    if (given != NULL) {
        return given;
    }
    gethostname(host, sizeof host - 1);
    snprintf(buffer, misas__owner_size, "%s:%ld", host, (long)getpid());
    return buffer;
}
