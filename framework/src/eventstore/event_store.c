#include <stdlib.h>

#include "eventstore/backend.h"
#include "eventstore/delivery.h"
#include "eventstore/event_store.h"
#include "eventstore/validate.h"

misas_error *misas__event_store_new(misas_event_store **out,
                                    const misas__event_store_backend *backend, void *self,
                                    const misas_event_store_options *options)
{
    static const misas_event_store_options defaults;
    const misas_event_store_options *chosen = options != NULL ? options : &defaults;
    misas_error *error = misas_upcasters_check(chosen->upcasters);
    misas_event_store *store = error == NULL ? malloc(sizeof *store) : NULL;

    if (store == NULL) {
        backend->free(self);
        return error != NULL ? error : misas_error_out_of_memory();
    }
    *store = (misas_event_store){
        .backend = backend,
        .self = self,
        .upcasters = chosen->upcasters,
        .environment = chosen->environment,
        .max_event_bytes =
            chosen->max_event_bytes > 0 ? chosen->max_event_bytes : MISAS_DEFAULT_MAX_EVENT_BYTES,
    };
    *out = store;
    return NULL;
}

void misas_event_store_free(misas_event_store *store)
{
    if (store != NULL) {
        store->backend->free(store->self);
        free(store);
    }
}

static misas_error *open_reader(misas_event_reader **out, misas_event_store *store,
                                const char *stream, const misas_read_options *options)
{
    static const misas_read_options defaults;
    const misas_read_options *chosen = options != NULL ? options : &defaults;
    misas_error *error = misas__check_filter(chosen->select_types, chosen->exclude_types);

    if (error == NULL) {
        error =
            misas_metadata_validate(&(misas_metadata){.correlation_id = chosen->correlation_id});
    }
    if (error != NULL) {
        return error;
    }
    return misas__event_reader_new(out, &(misas__delivery_options){
                                            .backend = store->backend,
                                            .self = store->self,
                                            .upcasters = store->upcasters,
                                            .query = {.stream = stream,
                                                      .direction = chosen->direction,
                                                      .from = chosen->from,
                                                      .limit = chosen->limit,
                                                      .select_types = chosen->select_types,
                                                      .exclude_types = chosen->exclude_types,
                                                      .correlation_id = chosen->correlation_id},
                                        });
}

misas_error *misas_event_store_read_stream(misas_event_reader **out, misas_event_store *store,
                                           const char *stream, const misas_read_options *options)
{
    misas_error *error = misas__check_readable_stream(stream);

    return error != NULL ? error : open_reader(out, store, stream, options);
}

misas_error *misas_event_store_read_all(misas_event_reader **out, misas_event_store *store,
                                        const misas_read_options *options)
{
    return open_reader(out, store, NULL, options);
}

misas_error *misas_event_store_stream_info(misas_stream_info *out, misas_event_store *store,
                                           const char *stream)
{
    misas_error *error = misas__check_readable_stream(stream);

    *out = (misas_stream_info){0};
    return error != NULL ? error : store->backend->stream_info(out, store->self, stream);
}

misas_error *misas_event_store_stream_exists(bool *out, misas_event_store *store,
                                             const char *stream)
{
    misas_stream_info info;
    misas_error *error = misas_event_store_stream_info(&info, store, stream);

    *out = info.exists;
    return error;
}

misas_error *misas_event_store_truncate_stream(misas_event_store *store, const char *stream,
                                               uint64_t before_version)
{
    misas_error *error = misas__check_own_stream(stream);

    if (error == NULL && (before_version == 0 || before_version > INT64_MAX)) {
        error = misas__invalid_argument("before_version", stream, "it must be a version");
    }
    if (error == NULL) {
        error = store->backend->remove(store->self, stream, before_version, MISAS_STREAM_EXISTS);
    }
    return error;
}

misas_error *misas_event_store_delete_stream(misas_event_store *store, const char *stream,
                                             misas_expected_version expected_version)
{
    misas_error *error = misas__check_own_stream(stream);

    if (error == NULL) {
        error = misas__check_expected_version(stream, expected_version);
    }
    if (error == NULL) {
        error = store->backend->remove(store->self, stream, MISAS__REMOVE_ALL, expected_version);
    }
    return error;
}

misas_error *misas_event_store_clear(misas_event_store *store)
{
    if (store->environment == MISAS_ENVIRONMENT_DEV ||
        store->environment == MISAS_ENVIRONMENT_TEST) {
        return store->backend->clear(store->self);
    }
    return misas_error_new(&(misas_error_options){
        .type_name = MISAS_ERROR_CLEAR_REFUSED,
        .message = "the store can be cleared in the environments dev and test only",
        .tags = MISAS_TAG_VALIDATION,
    });
}

misas_error *misas_event_store_subscribe(misas_subscription **out, misas_event_store *store,
                                         const misas_subscription_options *options)
{
    static const misas_subscription_options defaults;
    const misas_subscription_options *chosen = options != NULL ? options : &defaults;
    misas_error *error = misas__check_filter(chosen->select_types, chosen->exclude_types);

    if (error == NULL && chosen->stream != NULL) {
        error = misas__check_readable_stream(chosen->stream);
    }
    if (error != NULL) {
        return error;
    }
    return misas__subscription_new(out, &(misas__delivery_options){
                                            .backend = store->backend,
                                            .self = store->self,
                                            .upcasters = store->upcasters,
                                            .is_following = true,
                                            .query = {.stream = chosen->stream,
                                                      .from = chosen->from,
                                                      .select_types = chosen->select_types,
                                                      .exclude_types = chosen->exclude_types},
                                        });
}
