#include <stdio.h>

#include "bank/accounts/v1/commands.misas.h"
#include "bank/accounts/v1/events.misas.h"
#include "bank/accounts/v1/kinds.misas.h"
#include "google/protobuf/struct.misas.h"
#include "google/protobuf/timestamp.misas.h"
#include "misas/eventstore/v1/events.misas.h"
#include "misas/schema.h"
#include "support/test.h"
#include "test/v1/everything.misas.h"

TEST(a_type_is_found_by_its_full_name)
{
    misas_type_registry *registry = NULL;
    const misas_type *type = NULL;

    assert_no_error(misas_type_registry_new(&registry));
    assert_no_error(misas_type_registry_add(registry, &bank_accounts_v1_events_schema));
    assert_no_error(misas_type_registry_add(registry, &bank_accounts_v1_commands_schema));
    assert_no_error(misas_type_registry_add(registry, &bank_accounts_v1_kinds_schema));
    assert_no_error(misas_type_registry_add(registry, &test_v1_everything_schema));
    assert_ptr_equal(misas_type_registry_find(registry, "bank.accounts.v1.Deposit"),
                     &bank_accounts_v1_deposit_type);
    assert_no_error(
        misas_type_registry_get(&type, registry, "bank.accounts.v1.MoneyDeposited.CashDesk"));
    assert_ptr_equal(type, &bank_accounts_v1_money_deposited_cash_desk_type);
    misas_type_registry_free(registry);
}

TEST(an_unknown_type_is_an_error_that_names_it)
{
    misas_type_registry *registry = NULL;
    const misas_type *type = NULL;

    assert_no_error(misas_type_registry_new(&registry));
    assert_null(misas_type_registry_find(registry, "bank.accounts.v1.Deposit"));
    misas_error *error = misas_type_registry_get(&type, registry, "%s%n");
    assert_string_equal(misas_error_data(error, "type"), "%s%n");
    assert_true(misas_error_has_tag(error, MISAS_TAG_NOT_FOUND));
    assert_error_says(error, MISAS_ERROR_UNKNOWN_TYPE, "'%s%n'");
    misas_type_registry_free(registry);
}

TEST(every_registry_knows_the_well_known_types)
{
    static const char *const names[] = {"Timestamp",   "Duration",   "Struct",      "Value",
                                        "ListValue",   "FieldMask",  "Empty",       "BoolValue",
                                        "Int32Value",  "Int64Value", "UInt32Value", "UInt64Value",
                                        "StringValue", "BytesValue", "DoubleValue", "FloatValue"};
    misas_type_registry *registry = NULL;

    assert_no_error(misas_type_registry_new(&registry));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char full_name[64];

        snprintf(full_name, sizeof full_name, "google.protobuf.%s", names[i]);
        assert_non_null(misas_type_registry_find(registry, full_name));
    }
    misas_type_registry_free(registry);
}

TEST(adding_a_schema_twice_changes_nothing)
{
    misas_type_registry *registry = NULL;

    assert_no_error(misas_type_registry_new(&registry));
    assert_no_error(misas_type_registry_add(registry, &misas_eventstore_v1_events_schema));
    assert_no_error(misas_type_registry_add(registry, &misas_eventstore_v1_events_schema));
    assert_no_error(misas_type_registry_add(registry, &google_protobuf_timestamp_schema));
    assert_ptr_equal(misas_type_registry_find(registry, "misas.eventstore.v1.StreamDeleted"),
                     &misas_eventstore_v1_stream_deleted_type);
    misas_type_registry_free(registry);
}

TEST(another_type_of_the_same_name_is_refused_and_nothing_of_its_schema_is_added)
{
    misas_type impostor = bank_accounts_v1_deposit_type;
    const misas_type *types[] = {&bank_accounts_v1_balance_type, &impostor};
    misas_schema schema = {"impostor.proto", types, 2};
    misas_type_registry *registry = NULL;

    assert_no_error(misas_type_registry_new(&registry));
    assert_no_error(misas_type_registry_add(
        registry, &(misas_schema){"deposit.proto",
                                  (const misas_type *[]){&bank_accounts_v1_deposit_type}, 1}));
    misas_error *error = misas_type_registry_add(registry, &schema);
    assert_string_equal(misas_error_data(error, "type"), "bank.accounts.v1.Deposit");
    assert_error_says(error, MISAS_ERROR_DUPLICATE_TYPE, "impostor.proto");
    assert_null(misas_type_registry_find(registry, "bank.accounts.v1.Balance"));
    misas_type_registry_free(registry);
}
