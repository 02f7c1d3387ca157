/** Private: a record of the log, and the two forms of it. */
#ifndef MISAS_SRC_LOG_LOG_H
#define MISAS_SRC_LOG_LOG_H

#include "misas/log.h"
#include "text/text.h"

typedef struct misas__log_record {
    int64_t time_us;
    const char *level;
    const char *message;
    const char *correlation_id;    /* NULL: none */
    const misas_error *error;      /* NULL: none */
    const char *error_text;        /* of the error and all its causes */
    const misas_log_field *fields; /* NULL: none */
} misas__log_record;

/** Both append one line, without its end. */
void misas__log_append_json(misas__text *line, const misas__log_record *record);
void misas__log_append_text(misas__text *line, const misas__log_record *record);

/** Makes the default log write as these options say; while no other thread logs. */
void misas__log_set_default(const misas_log_options *options);

#endif
