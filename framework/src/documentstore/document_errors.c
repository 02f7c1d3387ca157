#include <inttypes.h>
#include <stdio.h>

#include "documentstore/documents.h"
#include "text/text.h"

enum { version_text_size = 24 };

misas_error *misas__collection_not_found(const char *collection)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_COLLECTION_NOT_FOUND,
            .data = (misas_field[]){{"collection", collection}, {NULL, NULL}},
            .tags = MISAS_TAG_NOT_FOUND,
        },
        "there is no collection %s", collection);
}

misas_error *misas__collection_exists(const char *collection)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_COLLECTION_EXISTS,
            .data = (misas_field[]){{"collection", collection}, {NULL, NULL}},
            .tags = MISAS_TAG_ALREADY_EXISTS,
        },
        "there is a collection %s already", collection);
}

misas_error *misas__document_not_found(const char *collection, const char *id)
{
    char shown[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_DOCUMENT_NOT_FOUND,
            .data = (misas_field[]){{"collection", collection}, {"id", id}, {NULL, NULL}},
            .tags = MISAS_TAG_NOT_FOUND,
        },
        "there is no document %s in the collection %s", misas__text_quote(shown, id), collection);
}

misas_error *misas__document_exists(const char *collection, const char *id)
{
    char shown[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_DOCUMENT_EXISTS,
            .data = (misas_field[]){{"collection", collection}, {"id", id}, {NULL, NULL}},
            .tags = MISAS_TAG_ALREADY_EXISTS,
        },
        "there is a document %s in the collection %s already", misas__text_quote(shown, id),
        collection);
}

misas_error *misas__document_conflict(const char *collection, const misas__document *wanted,
                                      uint64_t actual)
{
    char shown[MISAS__QUOTED_SIZE];
    char expected_text[version_text_size];
    char actual_text[version_text_size];

    snprintf(expected_text, sizeof expected_text, "%" PRIu64, wanted->version);
    snprintf(actual_text, sizeof actual_text, "%" PRIu64, actual);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_DOCUMENT_CONFLICT,
            .data = (misas_field[]){{"collection", collection},
                                    {"id", wanted->id},
                                    {"expected", expected_text},
                                    {"actual", actual_text},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_CONFLICT,
        },
        "document %s in the collection %s: expected version %s, but it is %s",
        misas__text_quote(shown, wanted->id), collection, expected_text, actual_text);
}

misas_error *misas__document_invalid(const char *field, const char *value, const char *reason)
{
    char shown[MISAS__QUOTED_SIZE];

    misas__text_quote(shown, value != NULL ? value : "");
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_DOCUMENT_INVALID,
            .data =
                (misas_field[]){
                    {"field", field}, {"value", shown}, {"reason", reason}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "%s %s is not valid: %s", field, shown, reason);
}
