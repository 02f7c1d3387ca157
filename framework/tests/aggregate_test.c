/* Aggregates and their repository, on a store in memory. */
#include <string.h>

#include "misas/aggregate.h"
#include "support/ledger.h"

/* The type that the ledger registers, with its subsystem. */
typedef struct made {
    misas_subsystem *subsystem;
    misas_aggregate_type *type;
    misas_event_store *store;
    misas_repository *repository;
} made;

static misas_error *count(void *state, const Bank__Ledger__V1__Deposited *event)
{
    ledger_account *account = state;

    account->cents += event->cents;
    return event->cents >= 0 ? NULL
                             : misas_error_new(&(misas_error_options){.type_name = "test.negative",
                                                                      .message = "it is negative"});
}

static made make(void)
{
    made all = {0};

    assert_no_error(misas_aggregate_type_new(
        &all.type,
        &(misas_aggregate_options){.name = "account", .state_size = sizeof(ledger_account)}));
    bank_ledger_v1_deposited_evolve(all.type, count);
    bank_ledger_v1_opened_evolve(all.type, NULL);
    assert_no_error(misas_event_store_new_memory(&all.store, NULL));
    assert_no_error(misas_repository_new(&all.repository, all.store, all.type));
    return all;
}

static void unmake(made *all)
{
    misas_repository_free(all->repository);
    misas_event_store_free(all->store);
    misas_aggregate_type_free(all->type);
}

static misas_error *deposit(misas_aggregate *account, int64_t cents)
{
    Bank__Ledger__V1__Deposited event = BANK__LEDGER__V1__DEPOSITED__INIT;

    event.account = (char *)(uintptr_t)misas_aggregate_id(account);
    event.cents = cents;
    return bank_ledger_v1_deposited_record(account, &event);
}

static int64_t cents_of(const misas_aggregate *account)
{
    const ledger_account *state = misas_aggregate_state(account);

    return state->cents;
}

/* Adds an account with one deposit. */
static misas_aggregate *add(made *all, const char *id, int64_t cents)
{
    misas_aggregate *account = NULL;

    assert_no_error(misas_aggregate_new(&account, all->type, id));
    assert_no_error(deposit(account, cents));
    assert_no_error(misas_repository_add(all->repository, account, NULL));
    return account;
}

TEST(what_is_recorded_is_in_the_state_at_once_and_uncommitted_until_it_is_saved)
{
    made all = make();
    misas_aggregate *account = NULL;
    size_t uncommitted = 0;

    assert_no_error(misas_aggregate_new(&account, all.type, "1"));
    assert_no_error(deposit(account, 5));
    assert_no_error(deposit(account, 6));
    assert_int_equal(cents_of(account), 11);
    assert_int_equal(misas_aggregate_version(account), 0);
    assert_string_equal(misas_aggregate_stream(account), "account-1");
    assert_string_equal(misas_aggregate_uncommitted(account, &uncommitted)[1].type,
                        "bank.ledger.v1.Deposited");
    assert_int_equal(uncommitted, 2);
    assert_no_error(misas_repository_add(all.repository, account, NULL));
    misas_aggregate_uncommitted(account, &uncommitted);
    assert_int_equal(uncommitted, 0);
    assert_int_equal(misas_aggregate_version(account), 2);
    misas_aggregate_free(account);
    unmake(&all);
}

TEST(a_loaded_aggregate_is_what_its_events_add_up_to)
{
    made all = make();
    misas_aggregate *account = add(&all, "1", 5);
    misas_aggregate *loaded = NULL;

    assert_no_error(deposit(account, 7));
    assert_no_error(misas_repository_save(all.repository, account, NULL));
    assert_no_error(misas_repository_load(&loaded, all.repository, "1"));
    assert_int_equal(cents_of(loaded), 12);
    assert_int_equal(misas_aggregate_version(loaded), 2);
    assert_string_equal(misas_aggregate_id(loaded), "1");
    misas_aggregate_free(loaded);
    misas_aggregate_free(account);
    unmake(&all);
}

TEST(an_aggregate_that_is_not_there_can_not_be_loaded)
{
    made all = make();
    misas_aggregate *loaded = NULL;
    bool exists = true;

    assert_error_says(misas_repository_load(&loaded, all.repository, "1"),
                      MISAS_ERROR_AGGREGATE_NOT_FOUND, "there is no account 1");
    assert_no_error(misas_repository_exists(&exists, all.repository, "1"));
    assert_false(exists);
    misas_aggregate_free(add(&all, "1", 1));
    assert_no_error(misas_repository_exists(&exists, all.repository, "1"));
    assert_true(exists);
    unmake(&all);
}

TEST(an_aggregate_is_added_once)
{
    made all = make();
    misas_aggregate *first = add(&all, "1", 1);
    misas_aggregate *second = NULL;

    assert_no_error(misas_aggregate_new(&second, all.type, "1"));
    assert_no_error(deposit(second, 1));
    assert_error_is(misas_repository_add(all.repository, second, NULL),
                    MISAS_ERROR_AGGREGATE_EXISTS);
    assert_error_is(misas_repository_add(all.repository, first, NULL),
                    MISAS_ERROR_AGGREGATE_EXISTS);
    misas_aggregate_free(first);
    misas_aggregate_free(second);
    unmake(&all);
}

TEST(of_two_that_change_an_aggregate_the_second_to_save_is_told)
{
    made all = make();
    misas_aggregate *first = add(&all, "1", 1);
    misas_aggregate *second = NULL;

    assert_no_error(misas_repository_load(&second, all.repository, "1"));
    assert_no_error(deposit(first, 1));
    assert_no_error(deposit(second, 1));
    assert_no_error(misas_repository_save(all.repository, first, NULL));
    assert_error_is(misas_repository_save(all.repository, second, NULL), MISAS_ERROR_CONCURRENCY);
    misas_aggregate_free(first);
    misas_aggregate_free(second);
    unmake(&all);
}

TEST(saving_an_aggregate_gives_its_events_the_metadata)
{
    made all = make();
    misas_aggregate *account = add(&all, "1", 1);
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    assert_no_error(deposit(account, 1));
    assert_no_error(misas_repository_save(all.repository, account,
                                          &(misas_metadata){.correlation_id = "conversation"}));
    assert_no_error(misas_event_store_read_stream(&reader, all.store, "account-1",
                                                  &(misas_read_options){.from = 2}));
    assert_no_error(misas_event_reader_next(&event, reader));
    assert_string_equal(event->metadata.correlation_id, "conversation");
    misas_event_reader_free(reader);
    misas_aggregate_free(account);
    unmake(&all);
}

TEST(saving_an_aggregate_on_which_nothing_was_recorded_does_nothing)
{
    made all = make();
    misas_aggregate *account = add(&all, "1", 1);

    assert_no_error(misas_repository_save(all.repository, account, NULL));
    assert_int_equal(misas_aggregate_version(account), 1);
    misas_aggregate_free(account);
    unmake(&all);
}

TEST(an_aggregate_records_only_events_that_its_type_knows)
{
    made all = make();
    misas_aggregate *account = add(&all, "1", 1);
    Bank__Ledger__V1__Unheard unheard = BANK__LEDGER__V1__UNHEARD__INIT;
    Bank__Ledger__V1__Opened ignored = BANK__LEDGER__V1__OPENED__INIT;

    assert_error_is(bank_ledger_v1_unheard_record(account, &unheard),
                    MISAS_ERROR_AGGREGATE_UNEXPECTED_EVENT);
    assert_no_error(bank_ledger_v1_opened_record(account, &ignored));
    assert_no_error(misas_repository_save(all.repository, account, NULL));
    assert_int_equal(misas_aggregate_version(account), 2);
    misas_aggregate_free(account);
    unmake(&all);
}

TEST(an_aggregate_whose_state_is_spoilt_is_not_saved)
{
    made all = make();
    misas_aggregate *account = add(&all, "1", 1);

    assert_no_error(deposit(account, 1));
    assert_error_is(deposit(account, -1), "test.negative");
    assert_error_is(deposit(account, 1), MISAS_ERROR_AGGREGATE_INVALID);
    assert_error_is(misas_repository_save(all.repository, account, NULL),
                    MISAS_ERROR_AGGREGATE_INVALID);
    misas_aggregate_free(account);
    assert_no_error(misas_repository_load(&account, all.repository, "1"));
    assert_int_equal(misas_aggregate_version(account), 1);
    misas_aggregate_free(account);
    unmake(&all);
}

TEST(an_aggregate_type_reports_its_first_mistake)
{
    made all = make();
    misas_repository *repository = NULL;

    bank_ledger_v1_deposited_evolve(all.type, NULL);
    bank_ledger_v1_opened_evolve(all.type, NULL);
    assert_error_says(misas_repository_new(&repository, all.store, all.type),
                      MISAS_ERROR_AGGREGATE_INVALID, "there is a function for this event already");
    assert_string_equal(misas_error_data(misas_aggregate_type_mistake(all.type), "value"),
                        "bank.ledger.v1.Deposited");
    unmake(&all);
}

static void assert_no_type(const misas_aggregate_options *options)
{
    misas_aggregate_type *type = NULL;

    assert_error_is(misas_aggregate_type_new(&type, options), MISAS_ERROR_AGGREGATE_INVALID);
}

TEST(an_aggregate_type_has_a_name_that_ends_where_the_id_begins)
{
    assert_no_type(&(misas_aggregate_options){.state_size = 1});
    assert_no_type(&(misas_aggregate_options){.name = "", .state_size = 1});
    assert_no_type(&(misas_aggregate_options){.name = "savings-account", .state_size = 1});
    assert_no_type(&(misas_aggregate_options){.name = "$account", .state_size = 1});
    assert_no_type(&(misas_aggregate_options){.name = "account"});
}
