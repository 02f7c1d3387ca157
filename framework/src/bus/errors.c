#include "bus/errors.h"

#include "misas/event_store.h"

static const struct {
    const char *name;
    const char *sentence; /* what is said of a type */
} kinds[] = {
    [MISAS_KIND_PART] = {"part", "has no role of its own"},
    [MISAS_KIND_COMMAND] = {"command", "is a command"},
    [MISAS_KIND_EVENT] = {"event", "is an event"},
    [MISAS_KIND_PREDICTION] = {"prediction", "is a prediction"},
    [MISAS_KIND_QUERY] = {"query", "is a query"},
    [MISAS_KIND_DOCUMENT] = {"document", "is a document"},
};

misas_error *misas__bus_check_kind(const misas_type *type, misas_kind expected)
{
    const char *name = type->descriptor->name;

    if (type->kind == expected) {
        return NULL;
    }
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_BUS_WRONG_KIND,
            .data = (misas_field[]){{"type", name}, {"kind", kinds[type->kind].name}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "%s %s: only %s", name, kinds[type->kind].sentence,
        expected == MISAS_KIND_QUERY ? "queries are asked" : "commands are sent");
}

misas_error *misas__bus_no_handler(const char *type, const char *kind)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_NO_HANDLER,
            .data = (misas_field[]){{"type", type}, {NULL, NULL}},
            .tags = MISAS_TAG_NOT_FOUND,
        },
        "no subsystem on the bus handles the %s %s", kind, type);
}

static misas_error *of_envelope(const char *type_name, const misas_envelope *envelope,
                                const char *what)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = type_name,
            .data = (misas_field[]){{"type", envelope->type}, {"id", envelope->id}, {NULL, NULL}},
            .tags = MISAS_TAG_RETRIABLE,
        },
        "%s %s %s", envelope->type, envelope->id, what);
}

misas_error *misas__bus_full(const misas_envelope *envelope)
{
    return of_envelope(MISAS_ERROR_BUS_FULL, envelope,
                       "was not sent: too many are on their way, and none was answered in time");
}

misas_error *misas__bus_stopped(const misas_envelope *envelope)
{
    return of_envelope(MISAS_ERROR_BUS_STOPPED, envelope,
                       "was not handled: its subsystem was stopped");
}

misas_error *misas__bus_no_answer(const misas_envelope *envelope)
{
    return of_envelope(MISAS_ERROR_NO_ANSWER, envelope, "was not answered in time");
}

misas_error *misas__bus_would_block(const char *type)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_BUS_WOULD_BLOCK,
            .data = type != NULL ? (misas_field[]){{"type", type}, {NULL, NULL}} : NULL,
        },
        "the answer to %s can't be waited for on a thread that handles messages",
        type != NULL ? type : "what was sent");
}

bool misas__is_final(const misas_error *error)
{
    return error == NULL || (!misas_error_has_tag(error, MISAS_TAG_RETRIABLE) &&
                             !misas_error_has_tag(error, MISAS_TAG_FATAL) &&
                             !misas_error_is(error, MISAS_ERROR_CONCURRENCY));
}
