#include "flights/statistics/records.h"

#include <stdlib.h>
#include <string.h>

#include "flights/statistics/statistics.h"

void records_begin(records *out, misas_documents *documents)
{
    *out = (records){
        .documents = documents,
        .airports = {.collection = FLIGHTS_AIRPORTS, .type = &flights_statistics_v1_airport_type},
        .carriers = {.collection = FLIGHTS_CARRIERS, .type = &flights_statistics_v1_carrier_type},
    };
}

static void empty(record_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        misas_message_free(shelf->items[i]);
    }
    free(shelf->items);
    *shelf = (record_shelf){0};
}

void records_end(records *self)
{
    empty(&self->airports);
    empty(&self->carriers);
}

/* Takes the item; NULL: there was no memory for it. */
static misas_error *put(record_shelf *to, ProtobufCMessage *item)
{
    ProtobufCMessage **grown =
        item != NULL ? realloc(to->items, (to->count + 1) * sizeof(ProtobufCMessage *)) : NULL;

    if (grown == NULL) {
        misas_message_free(item);
        return misas_error_out_of_memory();
    }
    to->items = grown;
    grown[to->count++] = item;
    return NULL;
}

static misas_error *put_document(record_shelf *to, const misas_document *document)
{
    ProtobufCMessage *item = NULL;
    misas_error *error =
        misas_json_decode(&item, to->type, document->content, strlen(document->content), NULL);

    return error != NULL ? error : put(to, item);
}

static char **code_of(const record_shelf *shelf, ProtobufCMessage *item)
{
    return (char **)(void *)((char *)item + shelf->type->descriptor->fields[0].offset);
}

static misas_error *put_new(record_shelf *to, const char *code)
{
    ProtobufCMessage *item = malloc(to->type->descriptor->sizeof_message);
    char *copy = strdup(code);

    if (item == NULL || copy == NULL) {
        free(item);
        free(copy);
        return misas_error_out_of_memory();
    }
    protobuf_c_message_init(to->type->descriptor, item);
    *code_of(to, item) = copy;
    return put(to, item);
}

/* What is not there yet has no document, and perhaps no collection. */
static bool is_new(const misas_error *error)
{
    return misas_error_is(error, MISAS_ERROR_DOCUMENT_NOT_FOUND) ||
           misas_error_is(error, MISAS_ERROR_COLLECTION_NOT_FOUND);
}

static misas_error *fetch(record_shelf *to, misas_documents *documents, const char *code)
{
    misas_document_list *found = NULL;
    misas_error *error = misas_documents_find_by_id(&found, documents, to->collection, code);

    if (is_new(error)) {
        misas_error_free(error);
        return put_new(to, code);
    }
    if (error == NULL) {
        error = put_document(to, misas_document_list_get(found, 0));
    }
    misas_document_list_free(found);
    return error;
}

static misas_error *find(ProtobufCMessage **out, record_shelf *in, misas_documents *documents,
                         const char *code)
{
    for (size_t i = 0; i < in->count; i++) {
        if (strcmp(*code_of(in, in->items[i]), code) == 0) {
            *out = in->items[i];
            return NULL;
        }
    }
    misas_error *error = fetch(in, documents, code);

    if (error == NULL) {
        *out = in->items[in->count - 1];
    }
    return error;
}

misas_error *records_airport(airport_record **out, records *self, const char *code)
{
    ProtobufCMessage *found = NULL;
    misas_error *error = find(&found, &self->airports, self->documents, code);

    *out = (airport_record *)(void *)found;
    return error;
}

misas_error *records_carrier(carrier_record **out, records *self, const char *code)
{
    ProtobufCMessage *found = NULL;
    misas_error *error = find(&found, &self->carriers, self->documents, code);

    *out = (carrier_record *)(void *)found;
    return error;
}

static misas_error *read_all(record_shelf *to, misas_documents *documents)
{
    misas_document_list *found = NULL;
    misas_error *error = misas_documents_find(&found, documents, to->collection, NULL);

    if (is_new(error)) {
        misas_error_free(error);
        return NULL;
    }
    for (size_t i = 0; error == NULL && i < misas_document_list_count(found); i++) {
        error = put_document(to, misas_document_list_get(found, i));
    }
    misas_document_list_free(found);
    return error;
}

misas_error *records_read_all(records *self)
{
    misas_error *error = read_all(&self->airports, self->documents);

    return error == NULL ? read_all(&self->carriers, self->documents) : error;
}

static misas_error *write_documents(const record_shelf *from, misas_documents *documents,
                                    misas_document *written)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < from->count && error == NULL; i++) {
        char *content = NULL;

        error = misas_json_encode(&content, NULL, from->type, from->items[i],
                                  &(misas_json_options){.write_defaults = true});
        written[i] = (misas_document){.id = *code_of(from, from->items[i]), .content = content};
    }
    if (error == NULL) {
        error = misas_documents_ensure_collection(documents, from->collection);
    }
    return error == NULL ? misas_documents_upsert(documents, from->collection, written, from->count)
                         : error;
}

static misas_error *write_all(const record_shelf *from, misas_documents *documents)
{
    misas_document *written = calloc(from->count + 1, sizeof *written);
    misas_error *error =
        written != NULL ? write_documents(from, documents, written) : misas_error_out_of_memory();

    for (size_t i = 0; written != NULL && i < from->count; i++) {
        free((char *)(uintptr_t)written[i].content);
    }
    free(written);
    return error;
}

misas_error *records_write(records *self)
{
    misas_error *error = write_all(&self->airports, self->documents);

    return error == NULL ? write_all(&self->carriers, self->documents) : error;
}
