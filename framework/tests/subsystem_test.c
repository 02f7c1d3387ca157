/* What a subsystem takes, and how it reports what it does not take. */
#include <stdio.h>
#include <string.h>

#include "support/ledger.h"

static misas_error *open_twice(misas_context *context, const Bank__Ledger__V1__Open *command)
{
    (void)context;
    (void)command;
    return NULL;
}

static misas_error *decide_open(misas_aggregate *account, const Bank__Ledger__V1__Open *command)
{
    (void)account;
    (void)command;
    return NULL;
}

static void assert_can_not_start(misas_subsystem *subsystem, const char *text)
{
    misas_storage *storage = NULL;
    misas_bus *bus = NULL;
    misas_command_processor *processor = NULL;

    assert_no_error(misas_storage_new_memory(&storage, NULL));
    assert_no_error(misas_bus_new_memory(&bus, NULL));
    misas_error *error = misas_command_processor_start(
        &processor,
        &(misas_command_processor_options){.subsystem = subsystem, .storage = storage, .bus = bus});

    assert_error_says(error, MISAS_ERROR_SUBSYSTEM_INVALID, text);
    misas_bus_free(bus);
    misas_storage_free(storage);
    misas_subsystem_free(subsystem);
}

TEST(a_message_has_one_handler)
{
    misas_subsystem *subsystem = ledger_subsystem(NULL);

    bank_ledger_v1_open_handle(subsystem, open_twice);
    assert_can_not_start(subsystem, "subsystem ledger, bank.ledger.v1.Open: it has a handler");
}

TEST(a_function_decides_on_a_type_of_aggregate_that_is_there)
{
    misas_subsystem *subsystem = NULL;

    assert_no_error(misas_subsystem_new(&subsystem, "bank", "ledger"));
    bank_ledger_v1_open_decide(subsystem, "account", MISAS_DECIDES_ON_NEW, decide_open);
    assert_can_not_start(subsystem, "the aggregate type that it decides on is missing");
}

TEST(a_subsystem_handles_its_own_messages_only)
{
    misas_subsystem *subsystem = NULL;

    assert_no_error(misas_subsystem_new(&subsystem, "bank", "loans"));
    bank_ledger_v1_open_handle(subsystem, open_twice);
    assert_can_not_start(subsystem, "belongs to another subsystem");
}

TEST(a_handler_is_a_function)
{
    misas_subsystem *subsystem = NULL;

    assert_no_error(misas_subsystem_new(&subsystem, "bank", "ledger"));
    bank_ledger_v1_open_handle(subsystem, NULL);
    assert_can_not_start(subsystem, "its handler is NULL");
}

TEST(a_subsystem_reports_its_first_mistake)
{
    misas_subsystem *subsystem = ledger_subsystem(NULL);

    misas_subsystem_add_service(subsystem, "", NULL);
    bank_ledger_v1_open_handle(subsystem, open_twice);
    assert_can_not_start(subsystem, "a service has a name and is not NULL");
}

TEST(an_event_processor_has_no_name_that_the_subsystem_uses_itself)
{
    static const char *const names[] = {"commands", "predictions"};

    for (int i = 0; i < 2; i++) {
        misas_subsystem *subsystem = ledger_subsystem(NULL);

        misas_subsystem_add_event_processor(subsystem,
                                            &(misas_event_processor_options){.name = names[i]});
        assert_can_not_start(subsystem, names[i]);
    }
}

TEST(a_service_has_a_name_of_its_own)
{
    misas_subsystem *subsystem = ledger_subsystem(NULL);

    misas_subsystem_add_service(subsystem, "mail", subsystem);
    misas_subsystem_add_service(subsystem, "mail", subsystem);
    assert_can_not_start(subsystem, "there is a service of this name already");
}

TEST(a_subsystem_keeps_documents_of_its_own_each_collection_once)
{
    misas_subsystem *subsystem = NULL;

    assert_no_error(misas_subsystem_new(&subsystem, "bank", "loans"));
    bank_ledger_v1_card_keep(subsystem);
    assert_can_not_start(subsystem, "belongs to another subsystem");
    subsystem = ledger_subsystem(NULL);
    misas_subsystem_keep(subsystem, &bank_ledger_v1_balance_type);
    assert_can_not_start(subsystem, "it is no document");
    subsystem = ledger_subsystem(NULL);
    misas_subsystem_add_collection(subsystem, "cards");
    bank_ledger_v1_card_keep(subsystem);
    assert_can_not_start(subsystem, "there is a collection of this name already");
}

TEST(a_collection_has_a_name)
{
    misas_subsystem *subsystem = ledger_subsystem(NULL);

    misas_subsystem_add_collection(subsystem, "");
    assert_true(misas_error_is(misas_subsystem_mistake(subsystem), MISAS_ERROR_DOCUMENT_INVALID));
    misas_subsystem_free(subsystem);
}

TEST(an_aggregate_type_that_can_not_be_is_the_mistake_of_its_subsystem)
{
    misas_subsystem *subsystem = NULL;

    assert_no_error(misas_subsystem_new(&subsystem, "bank", "ledger"));
    misas_aggregate_type *type = misas_subsystem_add_aggregate(
        subsystem, &(misas_aggregate_options){.name = "an account", .state_size = 1});

    bank_ledger_v1_opened_evolve(type, NULL); /* which nobody keeps */
    assert_true(misas_error_is(misas_subsystem_mistake(subsystem), MISAS_ERROR_AGGREGATE_INVALID));
    misas_subsystem_free(subsystem);
}

TEST(a_mistake_in_an_aggregate_type_is_one_of_its_subsystem)
{
    misas_subsystem *subsystem = NULL;

    assert_no_error(misas_subsystem_new(&subsystem, "bank", "ledger"));
    misas_aggregate_type *type = misas_subsystem_add_aggregate(
        subsystem, &(misas_aggregate_options){.name = "account", .state_size = 1});

    assert_null(misas_subsystem_mistake(subsystem));
    bank_ledger_v1_opened_evolve(type, NULL);
    bank_ledger_v1_opened_evolve(type, NULL);
    assert_true(misas_error_is(misas_subsystem_mistake(subsystem), MISAS_ERROR_AGGREGATE_INVALID));
    misas_subsystem_free(subsystem);
}

TEST(a_subsystem_has_a_name_that_fits_into_sources_and_topics)
{
    misas_subsystem *subsystem = NULL;
    static const char *const names[] = {"", "a/b", "a b", "a.b", "\xc3\xa4"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_error_is(misas_subsystem_new(&subsystem, "bank", names[i]),
                        MISAS_ERROR_SUBSYSTEM_INVALID);
        assert_error_is(misas_subsystem_new(&subsystem, names[i], "ledger"),
                        MISAS_ERROR_SUBSYSTEM_INVALID);
    }
    assert_error_is(misas_subsystem_new(&subsystem, NULL, "ledger"), MISAS_ERROR_SUBSYSTEM_INVALID);
}

TEST(two_subsystems_on_a_bus_do_not_handle_the_same_messages)
{
    misas_storage *storage = NULL;

    assert_no_error(misas_storage_new_memory(&storage, NULL));
    test_ledger first = ledger_start(storage, NULL);
    misas_subsystem *second = ledger_subsystem(NULL);
    misas_command_processor *processor = NULL;

    assert_error_says(misas_command_processor_start(
                          &processor, &(misas_command_processor_options){.subsystem = second,
                                                                         .storage = storage,
                                                                         .bus = first.bus}),
                      MISAS_ERROR_SUBSYSTEM_INVALID, "another on the bus handles it already");
    misas_subsystem_free(second);
    ledger_stop(&first);
    misas_storage_free(storage);
}

/* Writes down where it stands, around what comes after it. */
typedef struct witness {
    const char *name;
    char *said;
    bool refuses;
} witness;

static misas_error *stand_around(misas_context *context, const ProtobufCMessage *message,
                                 const misas_next *next, void *argument)
{
    const witness *self = argument;

    strcat(self->said, self->name);
    if (self->refuses) {
        return misas_error_new(
            &(misas_error_options){.type_name = "test.refused", .message = "not like this"});
    }
    misas_error *error = misas_next_call(next, context, message);

    strcat(self->said, self->name);
    return error;
}

static void add_witnesses(misas_subsystem *subsystem, void *argument)
{
    witness *witnesses = argument;

    misas_subsystem_add_middleware(subsystem, MISAS_KIND_COMMAND, stand_around, &witnesses[0]);
    misas_subsystem_add_middleware(subsystem, MISAS_KIND_QUERY, stand_around, &witnesses[1]);
    misas_subsystem_add_middleware(subsystem, MISAS_KIND_COMMAND, stand_around, &witnesses[2]);
}

TEST(middleware_stands_around_the_handlers_of_its_kind_the_first_outermost)
{
    char said[32] = "";
    witness witnesses[] = {{"a", said, false}, {"q", said, false}, {"b", said, false}};
    misas_storage *storage = NULL;

    assert_no_error(misas_storage_new_memory(&storage, NULL));
    test_ledger ledger =
        ledger_start(storage, &(ledger_options){.prepare = add_witnesses, .argument = witnesses});

    assert_no_error(ledger_open(&ledger, "1", NULL));
    assert_string_equal(said, "abba");
    assert_int_equal(ledger_balance(&ledger, "1"), 0);
    assert_string_equal(said, "abbaqq");
    ledger_stop(&ledger);
    misas_storage_free(storage);
}

TEST(middleware_can_refuse_a_message)
{
    char said[32] = "";
    witness witnesses[] = {{"a", said, false}, {"q", said, false}, {"b", said, true}};
    misas_storage *storage = NULL;

    assert_no_error(misas_storage_new_memory(&storage, NULL));
    test_ledger ledger =
        ledger_start(storage, &(ledger_options){.prepare = add_witnesses, .argument = witnesses});

    assert_error_is(ledger_open(&ledger, "1", NULL), "test.refused");
    assert_string_equal(said, "aba");
    assert_int_equal(ledger_count_events(storage, "account-1"), 0);
    ledger_stop(&ledger);
    misas_storage_free(storage);
}
