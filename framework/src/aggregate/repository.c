#include <stdlib.h>

#include "aggregate/aggregate.h"

struct misas_repository {
    misas_event_store *store;
    const misas_aggregate_type *type;
};

misas_error *misas_repository_new(misas_repository **out, misas_event_store *store,
                                  const misas_aggregate_type *type)
{
    const misas_error *mistake = misas_aggregate_type_mistake(type);

    if (mistake != NULL) {
        return misas_error_copy(mistake);
    }
    misas_repository *repository = malloc(sizeof *repository);

    if (repository == NULL) {
        return misas_error_out_of_memory();
    }
    *repository = (misas_repository){store, type};
    *out = repository;
    return NULL;
}

void misas_repository_free(misas_repository *repository)
{
    free(repository);
}

misas_error *misas_repository_load(misas_aggregate **out, misas_repository *repository,
                                   const char *id)
{
    misas_aggregate *aggregate = NULL;
    misas_error *error = misas_aggregate_new(&aggregate, repository->type, id);

    if (error == NULL) {
        error = misas__aggregate_read(aggregate, repository->store);
    }
    if (error == NULL && aggregate->version == 0) {
        error = misas__aggregate_not_found(repository->type, id);
    }
    if (error != NULL) {
        misas_aggregate_free(aggregate);
        return error;
    }
    *out = aggregate;
    return NULL;
}

misas_error *misas_repository_exists(bool *out, misas_repository *repository, const char *id)
{
    return misas__aggregate_exists(out, repository->type, repository->store, id);
}

/* Gives all events the metadata, and appends them. */
static misas_error *append(misas_repository *repository, misas_aggregate *aggregate,
                           const misas_metadata *metadata)
{
    misas_append_result result;
    size_t count = aggregate->uncommitted_count;

    if (aggregate->is_spoilt) {
        return misas__aggregate_spoilt(aggregate);
    }
    for (size_t i = 0; i < count && metadata != NULL; i++) {
        aggregate->uncommitted[i].metadata = *metadata;
    }
    misas_error *error = misas_event_store_append(&result, repository->store, aggregate->stream,
                                                  (misas_expected_version)aggregate->version,
                                                  aggregate->uncommitted, count);

    for (size_t i = 0; i < count; i++) { /* it was lent for the call */
        aggregate->uncommitted[i].metadata = (misas_metadata){0};
    }
    if (error == NULL) {
        misas__aggregate_committed(aggregate, result.version);
    }
    return error;
}

misas_error *misas_repository_add(misas_repository *repository, misas_aggregate *aggregate,
                                  const misas_metadata *metadata)
{
    if (aggregate->version > 0) {
        return misas__aggregate_already_exists(repository->type, misas_aggregate_id(aggregate));
    }
    misas_error *error = append(repository, aggregate, metadata);

    if (misas_error_is(error, MISAS_ERROR_CONCURRENCY)) {
        misas_error_free(error);
        return misas__aggregate_already_exists(repository->type, misas_aggregate_id(aggregate));
    }
    return error;
}

misas_error *misas_repository_save(misas_repository *repository, misas_aggregate *aggregate,
                                   const misas_metadata *metadata)
{
    if (aggregate->uncommitted_count == 0 && !aggregate->is_spoilt) {
        return NULL;
    }
    return append(repository, aggregate, metadata);
}
