#include "processing/context.h"

#include <stdio.h>
#include <string.h>

/* A message that can't be handled before the draft is written; never leaves this module. */
#define BATCH_ENDS "misas.processing.batch_ends"

static misas_error *refused(const char *name, const char *value, const char *reason)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_CONTEXT,
            .data = (misas_field[]){{name, value}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "%s: %s", value, reason);
}

const misas_envelope *misas_context_envelope(const misas_context *context)
{
    return context->envelope;
}

const misas_event *misas_context_event(const misas_context *context)
{
    return context->event;
}

int64_t misas_context_now_us(const misas_context *context)
{
    return misas_clock_now_us(context->session->clock);
}

const misas_logger *misas_context_logger(const misas_context *context)
{
    return &context->logger;
}

misas_error *misas_context_service(void **out, const misas_context *context, const char *name)
{
    *out = misas__subsystem_find_service(context->session->subsystem, name);
    return *out != NULL ? NULL : refused("name", name, "the subsystem has no service of this name");
}

/* What names an aggregate to a handler. */
typedef struct reference {
    const misas_aggregate_type *type;
    char stream[MISAS_STREAM_MAX_BYTES + 1];
} reference;

static misas_error *refer(reference *out, const misas_context *context, const char *aggregate,
                          const char *id)
{
    out->type = misas__subsystem_find_aggregate(context->session->subsystem, aggregate);
    if (out->type == NULL) {
        return refused("name", aggregate, "the subsystem has no aggregate type of this name");
    }
    misas_error *error = misas__aggregate_check_id(id);

    if (error == NULL) {
        snprintf(out->stream, sizeof out->stream, "%s-%s", misas_aggregate_type_name(out->type),
                 id);
    }
    return error;
}

static misas_error *batch_ends(misas_context *context)
{
    context->ends_batch = true;
    return misas_error_new(&(misas_error_options){
        .type_name = BATCH_ENDS,
        .message = "what others of the batch have asked for is to be written first",
        .tags = MISAS_TAG_RETRIABLE,
    });
}

/* Whatever of the aggregate is at hand: NULL in `*out` if it is not. */
static misas_error *look_up(misas__cached_aggregate **out, misas_context *context,
                            const char *stream)
{
    misas__cached_aggregate *cached = misas__aggregate_cache_find(&context->session->cache, stream);

    *out = cached;
    if (cached == NULL) {
        return NULL;
    }
    if (cached->is_spoilt) {
        return batch_ends(context);
    }
    return misas__draft_touch(&context->session->draft, &context->began_at, cached);
}

static bool is_there(const misas__cached_aggregate *cached)
{
    return cached->aggregate->version > 0 || cached->aggregate->uncommitted_count > 0;
}

/* Takes the aggregate, also when it fails. */
static misas_error *keep(misas__cached_aggregate **out, misas_context *context,
                         misas_aggregate *aggregate)
{
    misas__session *session = context->session;
    misas_error *error = misas__aggregate_cache_add(out, &session->cache, aggregate);

    if (error != NULL) {
        return error;
    }
    (*out)->is_fresh = true;
    error = misas__draft_touch(&session->draft, &context->began_at, *out);
    if (error != NULL) {
        misas__aggregate_cache_evict(&session->cache, *out);
    }
    return error;
}

static misas_error *read_in(misas__cached_aggregate **out, misas_context *context,
                            const reference *wanted, const char *id)
{
    misas_aggregate *aggregate = NULL;
    misas_error *error = misas_aggregate_new(&aggregate, wanted->type, id);

    if (error == NULL) {
        error =
            misas__aggregate_read(aggregate, misas_storage_event_store(context->session->storage));
    }
    if (error == NULL && aggregate->version == 0) {
        error = misas__aggregate_not_found(wanted->type, id);
    }
    if (error != NULL) {
        misas_aggregate_free(aggregate);
        return error;
    }
    return keep(out, context, aggregate);
}

misas_error *misas_context_load(misas_aggregate **out, misas_context *context,
                                const char *aggregate, const char *id)
{
    reference wanted;
    misas__cached_aggregate *cached = NULL;
    misas_error *error = refer(&wanted, context, aggregate, id);

    if (error == NULL) {
        error = look_up(&cached, context, wanted.stream);
    }
    if (error == NULL && cached == NULL) {
        error = read_in(&cached, context, &wanted, id);
    }
    if (error == NULL && !is_there(cached)) {
        error = misas__aggregate_not_found(wanted.type, id);
    }
    if (error == NULL) {
        *out = cached->aggregate;
    }
    return error;
}

/* A new aggregate is most likely not there: that is left to the append, which expects it not to be.
 * When it fails, the batch is decided upon again, with care. */
static misas_error *check_absent(misas_context *context, const reference *wanted, const char *id)
{
    bool exists = false;
    misas_error *error = NULL;

    if (context->session->is_careful) {
        error = misas_event_store_stream_exists(
            &exists, misas_storage_event_store(context->session->storage), wanted->stream);
    }
    return error == NULL && exists ? misas__aggregate_already_exists(wanted->type, id) : error;
}

static misas_error *begin_new(misas__cached_aggregate **out, misas_context *context,
                              const reference *wanted, const char *id)
{
    misas_aggregate *aggregate = NULL;
    misas_error *error = check_absent(context, wanted, id);

    if (error == NULL) {
        error = misas_aggregate_new(&aggregate, wanted->type, id);
    }
    return error == NULL ? keep(out, context, aggregate) : error;
}

misas_error *misas_context_add(misas_aggregate **out, misas_context *context, const char *aggregate,
                               const char *id)
{
    reference wanted;
    misas__cached_aggregate *cached = NULL;
    misas_error *error = refer(&wanted, context, aggregate, id);

    if (error == NULL) {
        error = look_up(&cached, context, wanted.stream);
    }
    if (error == NULL && cached == NULL) {
        error = begin_new(&cached, context, &wanted, id);
    } else if (error == NULL && is_there(cached)) {
        error = misas__aggregate_already_exists(wanted.type, id);
    }
    if (error == NULL) {
        *out = cached->aggregate;
    }
    return error;
}

misas_error *misas_context_exists(bool *out, misas_context *context, const char *aggregate,
                                  const char *id)
{
    reference wanted;
    misas__cached_aggregate *cached = NULL;
    misas_error *error = refer(&wanted, context, aggregate, id);

    if (error == NULL) {
        error = look_up(&cached, context, wanted.stream);
    }
    if (error == NULL && cached == NULL) {
        error = misas_event_store_stream_exists(
            out, misas_storage_event_store(context->session->storage), wanted.stream);
    } else if (error == NULL) {
        *out = is_there(cached);
    }
    return error;
}

misas_error *misas_context_load_or_add(misas_aggregate **out, misas_context *context,
                                       const char *aggregate, const char *id)
{
    bool is_there = false;
    misas_error *error = misas_context_exists(&is_there, context, aggregate, id);

    if (error != NULL) {
        return error;
    }
    return is_there ? misas_context_load(out, context, aggregate, id)
                    : misas_context_add(out, context, aggregate, id);
}
