#include <stdlib.h>
#include <string.h>

#include "bank/accounts/v1/commands.misas.h"
#include "bank/accounts/v1/events.misas.h"
#include "misas/schema.h"
#include "support/test.h"
#include "test/v1/everything.misas.h"
#include "test/v1/legacy.misas.h"

static void assert_unencodable(const misas_type *type, const ProtobufCMessage *message,
                               const char *text)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *error = misas_message_encode(&bytes, &size, type, message);

    assert_null(bytes);
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_error_says(error, MISAS_ERROR_UNENCODABLE, text);
}

/* Payloads are const for those who read them. */
static void free_payload(misas_new_event *event)
{
    free((void *)(uintptr_t)event->payload);
}

static misas_event stored(const misas_new_event *event)
{
    return (misas_event){.type = event->type,
                         .type_version = event->type_version,
                         .payload = event->payload,
                         .payload_size = event->payload_size};
}

TEST(a_message_comes_back_as_it_was)
{
    Bank__Accounts__V1__Deposit deposit = BANK__ACCOUNTS__V1__DEPOSIT__INIT;
    ProtobufCMessage *decoded = NULL;
    void *bytes = NULL;
    size_t size = 0;
    char account[] = "caf\xC3\xA9";

    deposit.account_id = account;
    deposit.cents = -5;
    assert_no_error(
        misas_message_encode(&bytes, &size, &bank_accounts_v1_deposit_type, &deposit.base));
    assert_no_error(
        misas_message_decode(&decoded, &bank_accounts_v1_deposit_type, bytes, size, NULL));
    assert_string_equal(((Bank__Accounts__V1__Deposit *)decoded)->account_id, "caf\xC3\xA9");
    assert_int_equal(((Bank__Accounts__V1__Deposit *)decoded)->cents, -5);
    misas_message_free(decoded);
    free(bytes);
}

TEST(an_empty_message_has_no_bytes_but_memory)
{
    Test__V1__Nothing nothing = TEST__V1__NOTHING__INIT;
    void *bytes = NULL;
    size_t size = 1;

    assert_no_error(misas_message_encode(&bytes, &size, &test_v1_nothing_type, &nothing.base));
    assert_non_null(bytes);
    assert_int_equal(size, 0);
    free(bytes);
}

TEST(unknown_fields_survive_a_round_trip)
{
    Test__V1__Nest inner = TEST__V1__NEST__INIT;
    Test__V1__Something something = TEST__V1__SOMETHING__INIT;
    ProtobufCMessage *as_nothing = NULL;
    void *bytes = NULL;
    void *again = NULL;
    size_t size = 0;
    size_t size_again = 0;
    char text[] = "text";

    something.text = text;
    something.number = -1;
    something.four = 4;
    something.eight = 8;
    something.nest = &inner;
    assert_no_error(misas_message_encode(&bytes, &size, &test_v1_something_type, &something.base));
    assert_no_error(misas_message_decode(&as_nothing, &test_v1_nothing_type, bytes, size, NULL));
    assert_int_equal(as_nothing->n_unknown_fields, 5);
    assert_no_error(misas_message_encode(&again, &size_again, &test_v1_nothing_type, as_nothing));
    assert_int_equal(size_again, size);
    assert_memory_equal(again, bytes, size);
    misas_message_free(as_nothing);
    free(bytes);
    free(again);
}

TEST(a_text_that_is_not_utf8_is_not_written_wherever_it_is)
{
    Test__V1__Everything message = TEST__V1__EVERYTHING__INIT;
    Test__V1__Everything__Line line = TEST__V1__EVERYTHING__LINE__INIT;
    Test__V1__Everything__Line part = TEST__V1__EVERYTHING__LINE__INIT;
    Test__V1__Everything__Line *lines[] = {&line};
    Test__V1__Everything__Line *parts[] = {&part};
    char broken[] = "\xC3";
    char *strings[] = {broken};

    message.a_string = broken;
    assert_unencodable(&test_v1_everything_type, &message.base, "a_string: a text is not UTF-8");
    test__v1__everything__init(&message);
    message.strings = strings;
    message.n_strings = 1;
    assert_unencodable(&test_v1_everything_type, &message.base, "strings: a text is not UTF-8");
    test__v1__everything__init(&message);
    part.article = broken;
    line.parts = parts;
    line.n_parts = 1;
    message.lines = lines;
    message.n_lines = 1;
    assert_unencodable(&test_v1_everything_type, &message.base, "article: a text is not UTF-8");
    test__v1__everything__init(&message);
    message.choice_string = broken;
    message.choice_case = TEST__V1__EVERYTHING__CHOICE_CHOICE_STRING;
    assert_unencodable(&test_v1_everything_type, &message.base, "choice_string");
    message.choice_int32 = 1;
    message.choice_case = TEST__V1__EVERYTHING__CHOICE_CHOICE_INT32;
    assert_int_equal(message.choice_int32, 1);
}

TEST(what_would_crash_protobuf_c_is_refused)
{
    Test__V1__Everything message = TEST__V1__EVERYTHING__INIT;
    Test__V1__Nothing other = TEST__V1__NOTHING__INIT;
    Test__V1__Everything__Line *lines[] = {NULL};
    char *strings[] = {NULL};

    assert_unencodable(&test_v1_everything_type, NULL, "NULL or was never initialised");
    assert_unencodable(&test_v1_everything_type, &other.base, "never initialised");
    message.n_strings = 1;
    assert_unencodable(&test_v1_everything_type, &message.base, "strings: a list with a length");
    message.strings = strings;
    assert_unencodable(&test_v1_everything_type, &message.base, "strings: a text is NULL");
    message.n_strings = 0;
    message.n_lines = 1;
    message.lines = lines;
    assert_unencodable(&test_v1_everything_type, &message.base,
                       "Line can't be written: it is NULL");
    message.n_lines = 0;
    message.a_bytes.len = 1;
    assert_unencodable(&test_v1_everything_type, &message.base, "a_bytes: bytes with a length");
}

TEST(a_missing_required_field_is_not_written)
{
    Test__V1__Legacy message = TEST__V1__LEGACY__INIT;
    Test__V1__Part part = TEST__V1__PART__INIT;
    void *bytes = NULL;
    size_t size = 0;
    char name[] = "name";

    assert_unencodable(&test_v1_legacy_type, &message.base, "name: a required field is missing");
    message.name = name;
    message.part = &part;
    assert_no_error(misas_message_encode(&bytes, &size, &test_v1_legacy_type, &message.base));
    free(bytes);
}

TEST(messages_that_nest_deeper_than_can_be_read_are_not_written)
{
    enum { depth = 1001 };
    static Test__V1__Nest nests[depth];
    void *bytes = NULL;
    size_t size = 0;

    for (size_t i = 0; i < depth; i++) {
        test__v1__nest__init(&nests[i]);
        nests[i].nest = i + 1 < depth ? &nests[i + 1] : NULL;
    }
    assert_unencodable(&test_v1_nest_type, &nests[0].base, "deeper than 1,000");
    assert_no_error(misas_message_encode(&bytes, &size, &test_v1_nest_type, &nests[1].base));
    free(bytes);
}

TEST(a_copy_of_a_message_is_its_own_and_texts_in_it_can_be_replaced)
{
    Bank__Accounts__V1__AccountOpened message = BANK__ACCOUNTS__V1__ACCOUNT_OPENED__INIT;
    ProtobufCMessage *copied = NULL;

    message.account_id = (char[]){"a"};
    assert_no_error(
        misas_message_copy(&copied, &bank_accounts_v1_account_opened_type, &message.base));
    Bank__Accounts__V1__AccountOpened *copy = (Bank__Accounts__V1__AccountOpened *)copied;

    assert_string_equal(copy->account_id, "a");
    assert_no_error(misas_message_set_text(&copy->account_id, "b"));
    assert_no_error(misas_message_set_text(&copy->owner, "Ann")); /* which was not set */
    assert_string_equal(copy->account_id, "b");
    assert_string_equal(copy->owner, "Ann");
    assert_string_equal(message.account_id, "a");
    misas_message_free(copied);
}

TEST(the_key_of_a_message_is_the_text_of_its_key_field)
{
    Bank__Accounts__V1__Deposit deposit = BANK__ACCOUNTS__V1__DEPOSIT__INIT;
    Bank__Accounts__V1__BalanceOf query = BANK__ACCOUNTS__V1__BALANCE_OF__INIT;
    const char *key = NULL;
    char account[] = "17";

    assert_error_says(misas_message_key(&key, &bank_accounts_v1_deposit_type, &deposit.base),
                      MISAS_ERROR_UNENCODABLE, "account_id: the key is empty");
    assert_error_says(misas_message_key(&key, &bank_accounts_v1_balance_of_type, &query.base),
                      MISAS_ERROR_UNENCODABLE, "states no key field");
    deposit.account_id = account;
    assert_no_error(misas_message_key(&key, &bank_accounts_v1_deposit_type, &deposit.base));
    assert_ptr_equal(key, account);
}

TEST(an_event_is_made_of_a_message_and_read_back)
{
    Bank__Accounts__V1__MoneyDeposited deposited = BANK__ACCOUNTS__V1__MONEY_DEPOSITED__INIT;
    Bank__Accounts__V1__MoneyDeposited *decoded = NULL;
    misas_new_event event;

    deposited.cents = 700;
    assert_no_error(bank_accounts_v1_money_deposited_new_event(&event, &deposited));
    assert_string_equal(event.type, "bank.accounts.v1.MoneyDeposited");
    assert_int_equal(event.type_version, 3);
    assert_null(event.metadata.correlation_id);
    misas_event read = stored(&event);
    assert_true(bank_accounts_v1_money_deposited_is(&read));
    assert_false(bank_accounts_v1_account_closed_is(&read));
    assert_no_error(bank_accounts_v1_money_deposited_decode(&decoded, &read));
    assert_int_equal(decoded->cents, 700);
    misas_message_free(&decoded->base);
    free_payload(&event);
}

TEST(an_event_of_another_type_or_version_is_not_decoded)
{
    Bank__Accounts__V1__AccountClosed *closed = (Bank__Accounts__V1__AccountClosed *)&closed;
    Bank__Accounts__V1__MoneyDeposited *deposited = NULL;
    misas_event event = {.type = "bank.accounts.v1.MoneyDeposited", .type_version = 2};

    assert_error_says(bank_accounts_v1_account_closed_decode(&closed, &event),
                      MISAS_ERROR_UNDECODABLE,
                      "an event of type bank.accounts.v1.MoneyDeposited, version 2, is not a "
                      "bank.accounts.v1.AccountClosed, version 1");
    assert_null(closed);
    assert_error_is(bank_accounts_v1_money_deposited_decode(&deposited, &event),
                    MISAS_ERROR_UNDECODABLE);
    event.type_version = 3;
    event.payload = "\xFF";
    event.payload_size = 1;
    assert_error_says(bank_accounts_v1_money_deposited_decode(&deposited, &event),
                      MISAS_ERROR_UNDECODABLE, "at byte 0");
}
