/* Documents, as JSON or as messages, within what a handler does. */
#include <string.h>

#include "processing/context.h"

/* A query looks at what is there; whoever may change documents gets a savepoint first. */
static misas_error *begin(misas_documents **out, misas_context *context)
{
    misas__transaction *transaction = context->session->transaction;
    misas_error *error = NULL;

    if (transaction == NULL) {
        *out = context->session->documents;
        return NULL;
    }
    if (!context->has_savepoint) {
        context->session->has_begun = true;
        error = transaction->functions->begin(transaction);
        if (error == NULL && !context->session->has_no_savepoints) {
            error = transaction->functions->savepoint(transaction);
            context->has_savepoint = error == NULL;
        }
    }
    if (error == NULL) {
        *out = transaction->functions->documents(transaction);
    }
    return error;
}

misas_error *misas_context_documents(misas_documents **out, misas_context *context)
{
    misas_error *error = begin(out, context);

    return error != NULL ? error
                         : misas__working_documents_write(&context->session->draft.documents, *out);
}

/* With savepoints, what one handler did must be undone alone, and so is written before the next one
 * begins; without, it is written with the batch. Writing on behalf of a query is refused. */
misas_error *misas__context_finish_documents(misas_context *context)
{
    misas__working_documents *working = &context->session->draft.documents;
    misas_documents *documents = NULL;
    misas_error *error = NULL;

    misas__working_documents_forget_found(working);
    if (context->has_savepoint || context->session->transaction == NULL) {
        error = misas_context_documents(&documents, context);
        misas__working_documents_release(working);
    }
    return error;
}

static misas_error *check_kept(const misas_context *context, const misas_type *type)
{
    const char *name = type->descriptor->name;

    if (misas__subsystem_keeps(context->session->subsystem, type)) {
        return NULL;
    }
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_CONTEXT,
            .data = (misas_field[]){{"name", name}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the subsystem %s keeps no documents of the type %s", context->session->subsystem->name,
        name);
}

static misas_error *read_in(misas__working_document **out, misas_context *context,
                            misas_documents *documents, const misas_type *type, const char *id)
{
    misas_document_list *found = NULL;
    misas_error *error = misas_documents_find_by_id(&found, documents, type->collection, id);

    if (error == NULL) {
        error = misas__working_documents_add(out, &context->session->draft.documents, type,
                                             misas_document_list_get(found, 0));
    }
    misas_document_list_free(found);
    return error;
}

/* Also what is at hand may be changed, and that undone alone: that takes a savepoint. */
static misas_error *load(misas__working_document **out, misas_context *context,
                         const misas_type *type, const char *id)
{
    misas_documents *documents = NULL;
    misas_error *error = check_kept(context, type);

    if (error == NULL) {
        error = begin(&documents, context);
    }
    if (error != NULL) {
        return error;
    }
    *out = misas__working_documents_get(&context->session->draft.documents, type, id);
    return *out != NULL ? NULL : read_in(out, context, documents, type, id);
}

misas_error *misas_context_load_document(ProtobufCMessage **out, misas_context *context,
                                         const misas_type *type, const char *id)
{
    misas__working_document *found = NULL;
    misas_error *error = load(&found, context, type, id);

    if (error == NULL) {
        *out = found->message;
    }
    return error;
}

misas_error *misas_context_load_or_add_document(ProtobufCMessage **out, misas_context *context,
                                                const misas_type *type, const char *id)
{
    misas__working_document *found = NULL;
    misas_error *error = load(&found, context, type, id);

    if (misas_error_is(error, MISAS_ERROR_DOCUMENT_NOT_FOUND)) {
        misas_error_free(error);
        error =
            misas__working_documents_add_new(&found, &context->session->draft.documents, type, id);
    }
    if (error == NULL) {
        *out = found->message;
    }
    return error;
}

/* Decodes what was found, and gives the messages in the draft's arena. */
static misas_error *take_found(ProtobufCMessage ***out, size_t *out_count, misas_context *context,
                               const misas_type *type, const misas_document_list *list)
{
    misas__draft *draft = &context->session->draft;
    const size_t count = misas_document_list_count(list);
    const size_t first = draft->documents.found_count;
    ProtobufCMessage **messages =
        misas__arena_allocate(&draft->arena, (count + 1) * sizeof(ProtobufCMessage *));

    if (messages == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        misas_error *error = misas__working_documents_add_found(&draft->documents, type,
                                                                misas_document_list_get(list, i));

        if (error != NULL) {
            return error;
        }
        messages[i] = draft->documents.found[first + i];
    }
    *out = messages;
    *out_count = count;
    return NULL;
}

misas_error *misas_context_find_documents(ProtobufCMessage ***out, size_t *out_count,
                                          misas_context *context, const misas_type *type,
                                          const misas_document_query *query)
{
    misas_documents *documents = NULL;
    misas_document_list *list = NULL;
    misas_error *error = check_kept(context, type);

    *out_count = 0;
    if (error == NULL) {
        error = misas_context_documents(&documents, context);
    }
    if (error == NULL) {
        error = misas_documents_find(&list, documents, type->collection, query);
    }
    if (error == NULL) {
        error = take_found(out, out_count, context, type, list);
    }
    misas_document_list_free(list);
    return error;
}

/* Nothing of it is there, and so it is as wanted. */
static misas_error *unless_not_found(misas_error *error)
{
    if (misas_error_is(error, MISAS_ERROR_DOCUMENT_NOT_FOUND) ||
        misas_error_is(error, MISAS_ERROR_COLLECTION_NOT_FOUND)) {
        misas_error_free(error);
        return NULL;
    }
    return error;
}

misas_error *misas_context_remove_document(misas_context *context, const misas_type *type,
                                           const char *id)
{
    misas_documents *documents = NULL;
    misas_error *error = check_kept(context, type);

    if (error == NULL) {
        error = misas_context_documents(&documents, context);
    }
    if (error == NULL) {
        error = unless_not_found(
            misas_documents_delete(documents, type->collection, &(misas_document){.id = id}, 1));
    }
    if (error == NULL) {
        misas__working_documents_forget(&context->session->draft.documents, type, id);
    }
    return error;
}

misas_error *misas_context_clear_documents(misas_context *context, const misas_type *type)
{
    misas_documents *documents = NULL;
    misas_error *error = check_kept(context, type);

    if (error == NULL) {
        error = misas_context_documents(&documents, context);
    }
    if (error == NULL) {
        error =
            unless_not_found(misas_documents_delete_where(NULL, documents, type->collection, NULL));
    }
    if (error == NULL) {
        misas__working_documents_forget(&context->session->draft.documents, type, NULL);
    }
    return error;
}
