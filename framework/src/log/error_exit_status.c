#include "misas/log.h"

int misas_error_exit_status(misas_error *error)
{
    if (error == NULL) {
        return 0;
    }
    int status = misas_error_has_tag(error, MISAS_TAG_VALIDATION) ? 2 : 1;

    misas_log_write_error(NULL, MISAS_LOG_ERROR, "the program ends with an error", error, NULL);
    misas_error_free(error);
    return status;
}
