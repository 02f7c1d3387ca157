#include "service/notes.h"

#include <inttypes.h>
#include <stdio.h>

#include "bank/ledger/v1/ledger.misas.h"

static misas_error *refuse(void)
{
    return misas_error_new(&(misas_error_options){
        .type_name = "bank.unlucky",
        .message = "this is no number of cents to be noted",
        .data = (misas_field[]){{"cents", "13"}, {NULL, NULL}},
        .cause = misas_error_new(&(misas_error_options){.type_name = "bank.superstition",
                                                        .message = "it always was like that"}),
    });
}

/* The documents, in which the collection is. */
static misas_error *open_notes(misas_documents **out, misas_context *context)
{
    misas_error *error = misas_context_documents(out, context);

    return error != NULL ? error : misas_documents_ensure_collection(*out, NOTES_COLLECTION);
}

static misas_error *note(misas_context *context, const Bank__Ledger__V1__Deposited *event)
{
    char id[24];
    char content[64];
    misas_documents *documents = NULL;

    if (event->cents == notes_failing_cents) {
        return refuse();
    }
    snprintf(id, sizeof id, "%" PRIu64, misas_context_event(context)->position);
    snprintf(content, sizeof content, "{\"cents\":%" PRId64 "}", event->cents);
    misas_error *error = open_notes(&documents, context);
    const misas_document document = {.id = id, .content = content};

    return error != NULL ? error
                         : misas_documents_insert(documents, NOTES_COLLECTION, &document, 1);
}

static misas_error *clear(misas_context *context, void *argument)
{
    misas_documents *documents = NULL;
    misas_error *error = open_notes(&documents, context);

    (void)argument;
    return error != NULL ? error
                         : misas_documents_delete_where(NULL, documents, NOTES_COLLECTION, NULL);
}

static misas_error *ignore(misas_context *context, const Bank__Ledger__V1__Withdrawn *event)
{
    (void)context;
    (void)event;
    return NULL;
}

misas_event_processor *notes_register(misas_subsystem *subsystem)
{
    misas_event_processor *notes = misas_subsystem_add_event_processor(
        subsystem,
        &(misas_event_processor_options){.name = "notes", .on_failure = MISAS_FAILURE_SETS_ASIDE});

    bank_ledger_v1_deposited_on(notes, note);
    misas_event_processor_on_reset(notes, clear, NULL);
    bank_ledger_v1_withdrawn_on(misas_subsystem_add_event_processor(
                                    subsystem, &(misas_event_processor_options){.name = "other"}),
                                ignore);
    return notes;
}
