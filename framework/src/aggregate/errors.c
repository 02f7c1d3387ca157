#include "aggregate/aggregate.h"

misas_error *misas__aggregate_not_found(const misas_aggregate_type *type, const char *id)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_AGGREGATE_NOT_FOUND,
            .data = (misas_field[]){{"aggregate", type->name}, {"id", id}, {NULL, NULL}},
            .tags = MISAS_TAG_NOT_FOUND,
        },
        "there is no %s %s", type->name, id);
}

misas_error *misas__aggregate_already_exists(const misas_aggregate_type *type, const char *id)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_AGGREGATE_EXISTS,
            .data = (misas_field[]){{"aggregate", type->name}, {"id", id}, {NULL, NULL}},
            .tags = MISAS_TAG_ALREADY_EXISTS,
        },
        "there is %s %s already", type->name, id);
}

misas_error *misas__aggregate_spoilt(const misas_aggregate *aggregate)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_AGGREGATE_INVALID,
            .data = (misas_field[]){{"field", "state"},
                                    {"value", aggregate->stream},
                                    {"reason", "an evolve function failed on it"},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the state of %s is spoilt: an evolve function failed on it", aggregate->stream);
}
