#include <stdlib.h>
#include <string.h>

#include "bank/accounts/v1/commands.misas.h"
#include "bank/accounts/v1/events.misas.h"
#include "bank/accounts/v1/queries.misas.h"
#include "support/test.h"

/* What the library was called with; the members that the function does not have are NULL. */
typedef struct library_call {
    const char *function;
    const void *object; /* the subsystem, bus, context, aggregate or type of aggregate */
    const misas_type *type;
    const void *message;
    misas_function registered;
    misas_handler_invoker handler_invoker;
    misas_decide_invoker decide_invoker;
    misas_evolve_invoker evolve_invoker;
    const char *aggregate;
    misas_decides_on on;
    misas_reply **out;
    const misas_send_options *options;
    const misas_prediction_options *prediction_options;
    const char *key;
} library_call;

static library_call last_call;

/* What misas_bus_ask gives, if it is something: a copy, as of a bus. */
static const misas_reply *next_reply;

/* The linker leads the calls of the generated code here. */
void __wrap_misas_subsystem_handle(misas_subsystem *subsystem, const misas_type *type,
                                   misas_handler_invoker invoker, misas_function handler);
void __wrap_misas_subsystem_decide(misas_subsystem *subsystem, const misas_type *type,
                                   const char *aggregate, misas_decides_on on,
                                   misas_decide_invoker invoker, misas_function decide);
void __wrap_misas_event_processor_handle(misas_event_processor *processor, const misas_type *type,
                                         misas_handler_invoker invoker, misas_function handler);
misas_error *__wrap_misas_context_send(misas_context *context, const misas_type *type,
                                       const ProtobufCMessage *command);
misas_error *__wrap_misas_context_reply(misas_context *context, const misas_type *type,
                                        const ProtobufCMessage *reply);
misas_error *__wrap_misas_context_predict(misas_context *context, const misas_type *type,
                                          const ProtobufCMessage *prediction,
                                          const misas_prediction_options *options);
misas_error *__wrap_misas_context_cancel_predictions(misas_context *context, const misas_type *type,
                                                     const char *key);
misas_error *__wrap_misas_bus_send(misas_bus *bus, const misas_type *type,
                                   const ProtobufCMessage *message,
                                   const misas_send_options *options);
misas_error *__wrap_misas_bus_send_and_wait(misas_reply **out, misas_bus *bus,
                                            const misas_type *type, const ProtobufCMessage *message,
                                            const misas_send_options *options);
misas_error *__wrap_misas_bus_ask(misas_reply **out, misas_bus *bus, const misas_type *type,
                                  const ProtobufCMessage *query, const misas_send_options *options);
void __wrap_misas_aggregate_type_evolve(misas_aggregate_type *aggregate_type,
                                        const misas_type *type, misas_evolve_invoker invoker,
                                        misas_function function);
misas_error *__wrap_misas_aggregate_record(misas_aggregate *aggregate, const misas_type *type,
                                           const ProtobufCMessage *message);

void __wrap_misas_subsystem_handle(misas_subsystem *subsystem, const misas_type *type,
                                   misas_handler_invoker invoker, misas_function handler)
{
    last_call = (library_call){.function = "misas_subsystem_handle",
                               .object = subsystem,
                               .type = type,
                               .handler_invoker = invoker,
                               .registered = handler};
}

void __wrap_misas_event_processor_handle(misas_event_processor *processor, const misas_type *type,
                                         misas_handler_invoker invoker, misas_function handler)
{
    last_call = (library_call){.function = "misas_event_processor_handle",
                               .object = processor,
                               .type = type,
                               .handler_invoker = invoker,
                               .registered = handler};
}

void __wrap_misas_subsystem_decide(misas_subsystem *subsystem, const misas_type *type,
                                   const char *aggregate, misas_decides_on on,
                                   misas_decide_invoker invoker, misas_function decide)
{
    last_call = (library_call){.function = "misas_subsystem_decide",
                               .object = subsystem,
                               .type = type,
                               .aggregate = aggregate,
                               .on = on,
                               .decide_invoker = invoker,
                               .registered = decide};
}

void __wrap_misas_aggregate_type_evolve(misas_aggregate_type *aggregate_type,
                                        const misas_type *type, misas_evolve_invoker invoker,
                                        misas_function function)
{
    last_call = (library_call){.function = "misas_aggregate_type_evolve",
                               .object = aggregate_type,
                               .type = type,
                               .evolve_invoker = invoker,
                               .registered = function};
}

/* All that return an error return this one: it is a constant, which nobody has to free. */
static misas_error *keep(const char *function, const void *object, const misas_type *type,
                         const ProtobufCMessage *message)
{
    last_call =
        (library_call){.function = function, .object = object, .type = type, .message = message};
    return misas_error_out_of_memory();
}

misas_error *__wrap_misas_context_send(misas_context *context, const misas_type *type,
                                       const ProtobufCMessage *command)
{
    return keep("misas_context_send", context, type, command);
}

misas_error *__wrap_misas_context_reply(misas_context *context, const misas_type *type,
                                        const ProtobufCMessage *reply)
{
    return keep("misas_context_reply", context, type, reply);
}

misas_error *__wrap_misas_context_predict(misas_context *context, const misas_type *type,
                                          const ProtobufCMessage *prediction,
                                          const misas_prediction_options *options)
{
    misas_error *error = keep("misas_context_predict", context, type, prediction);

    last_call.prediction_options = options;
    return error;
}

misas_error *__wrap_misas_context_cancel_predictions(misas_context *context, const misas_type *type,
                                                     const char *key)
{
    misas_error *error = keep("misas_context_cancel_predictions", context, type, NULL);

    last_call.key = key;
    return error;
}

misas_error *__wrap_misas_aggregate_record(misas_aggregate *aggregate, const misas_type *type,
                                           const ProtobufCMessage *message)
{
    return keep("misas_aggregate_record", aggregate, type, message);
}

misas_error *__wrap_misas_bus_send(misas_bus *bus, const misas_type *type,
                                   const ProtobufCMessage *message,
                                   const misas_send_options *options)
{
    misas_error *error = keep("misas_bus_send", bus, type, message);

    last_call.options = options;
    return error;
}

misas_error *__wrap_misas_bus_send_and_wait(misas_reply **out, misas_bus *bus,
                                            const misas_type *type, const ProtobufCMessage *message,
                                            const misas_send_options *options)
{
    misas_error *error = keep("misas_bus_send_and_wait", bus, type, message);

    last_call.out = out;
    last_call.options = options;
    return error;
}

misas_error *__wrap_misas_bus_ask(misas_reply **out, misas_bus *bus, const misas_type *type,
                                  const ProtobufCMessage *query, const misas_send_options *options)
{
    misas_error *error = keep("misas_bus_ask", bus, type, query);

    last_call.out = out;
    last_call.options = options;
    return next_reply != NULL ? misas_reply_copy(out, next_reply) : error;
}

/* The generated code hands objects on without a look at them. */
static char places[6];
static misas_subsystem *const subsystem = (misas_subsystem *)&places[0];
static misas_context *const context = (misas_context *)&places[1];
static misas_bus *const bus = (misas_bus *)&places[2];
static misas_aggregate *const aggregate = (misas_aggregate *)&places[3];
static misas_aggregate_type *const aggregate_type = (misas_aggregate_type *)&places[4];
static misas_event_processor *const processor = (misas_event_processor *)&places[5];

static void assert_called(const char *function, const void *object, const misas_type *type,
                          const void *message)
{
    assert_non_null(last_call.function);
    assert_string_equal(last_call.function, function);
    assert_ptr_equal(last_call.object, object);
    assert_ptr_equal(last_call.type, type);
    assert_ptr_equal(last_call.message, message);
}

/* What the library returned came back. */
static void assert_passed_on(misas_error *error)
{
    assert_ptr_equal(error, misas_error_out_of_memory());
}

static misas_error *handle_deposit(misas_context *given, const Bank__Accounts__V1__Deposit *command)
{
    assert_ptr_equal(given, context);
    assert_int_equal(command->cents, 700);
    return misas_error_out_of_memory();
}

static misas_error *handle_money_deposited(misas_context *given,
                                           const Bank__Accounts__V1__MoneyDeposited *event)
{
    assert_ptr_equal(given, context);
    assert_int_equal(event->cents, 700);
    return misas_error_out_of_memory();
}

static misas_error *handle_interest_due(misas_context *given,
                                        const Bank__Accounts__V1__InterestDue *prediction)
{
    assert_ptr_equal(given, context);
    assert_string_equal(prediction->account_id, "a");
    return misas_error_out_of_memory();
}

static misas_error *handle_balance_of(misas_context *given,
                                      const Bank__Accounts__V1__BalanceOf *query)
{
    assert_ptr_equal(given, context);
    assert_string_equal(query->account_id, "b");
    return misas_error_out_of_memory();
}

static misas_error *decide_deposit(misas_aggregate *given,
                                   const Bank__Accounts__V1__Deposit *command)
{
    assert_ptr_equal(given, aggregate);
    assert_int_equal(command->cents, 700);
    return misas_error_out_of_memory();
}

static misas_error *evolve_money_deposited(void *state,
                                           const Bank__Accounts__V1__MoneyDeposited *event)
{
    *(int64_t *)state += event->cents;
    return misas_error_out_of_memory();
}

TEST(a_handler_of_a_command_is_registered_and_called_with_it)
{
    Bank__Accounts__V1__Deposit deposit = BANK__ACCOUNTS__V1__DEPOSIT__INIT;

    deposit.cents = 700;
    bank_accounts_v1_deposit_handle(subsystem, handle_deposit);
    assert_called("misas_subsystem_handle", subsystem, &bank_accounts_v1_deposit_type, NULL);
    assert_passed_on(last_call.handler_invoker(last_call.registered, context, &deposit.base));
}

TEST(a_handler_of_a_prediction_is_registered_and_called_with_it)
{
    Bank__Accounts__V1__InterestDue interest_due = BANK__ACCOUNTS__V1__INTEREST_DUE__INIT;
    char account_id[] = "a";

    interest_due.account_id = account_id;
    bank_accounts_v1_interest_due_handle(subsystem, handle_interest_due);
    assert_called("misas_subsystem_handle", subsystem, &bank_accounts_v1_interest_due_type, NULL);
    assert_passed_on(last_call.handler_invoker(last_call.registered, context, &interest_due.base));
}

TEST(a_handler_of_a_query_is_registered_and_called_with_it)
{
    Bank__Accounts__V1__BalanceOf balance_of = BANK__ACCOUNTS__V1__BALANCE_OF__INIT;
    char account_id[] = "b";

    balance_of.account_id = account_id;
    bank_accounts_v1_balance_of_handle(subsystem, handle_balance_of);
    assert_called("misas_subsystem_handle", subsystem, &bank_accounts_v1_balance_of_type, NULL);
    assert_passed_on(last_call.handler_invoker(last_call.registered, context, &balance_of.base));
}

TEST(a_handler_of_an_event_is_registered_with_its_processor_and_called_with_it)
{
    Bank__Accounts__V1__MoneyDeposited deposited = BANK__ACCOUNTS__V1__MONEY_DEPOSITED__INIT;

    deposited.cents = 700;
    bank_accounts_v1_money_deposited_on(processor, handle_money_deposited);
    assert_called("misas_event_processor_handle", processor, &bank_accounts_v1_money_deposited_type,
                  NULL);
    assert_passed_on(last_call.handler_invoker(last_call.registered, context, &deposited.base));
}

TEST(a_decide_function_is_registered_with_its_aggregate_and_called_with_its_command)
{
    static const char name[] = "account";
    Bank__Accounts__V1__Deposit deposit = BANK__ACCOUNTS__V1__DEPOSIT__INIT;

    deposit.cents = 700;
    bank_accounts_v1_deposit_decide(subsystem, name, MISAS_DECIDES_ON_NEW, decide_deposit);
    assert_called("misas_subsystem_decide", subsystem, &bank_accounts_v1_deposit_type, NULL);
    assert_ptr_equal(last_call.aggregate, name);
    assert_int_equal(last_call.on, MISAS_DECIDES_ON_NEW);
    assert_passed_on(last_call.decide_invoker(last_call.registered, aggregate, &deposit.base));
}

TEST(an_evolve_function_is_registered_and_called_with_state_and_event)
{
    Bank__Accounts__V1__MoneyDeposited deposited = BANK__ACCOUNTS__V1__MONEY_DEPOSITED__INIT;
    int64_t balance = 1;

    deposited.cents = 700;
    bank_accounts_v1_money_deposited_evolve(aggregate_type, evolve_money_deposited);
    assert_called("misas_aggregate_type_evolve", aggregate_type,
                  &bank_accounts_v1_money_deposited_type, NULL);
    assert_passed_on(last_call.evolve_invoker(last_call.registered, &balance, &deposited.base));
    assert_int_equal(balance, 701);
}

TEST(no_evolve_function_is_registered_as_none)
{
    bank_accounts_v1_account_closed_evolve(aggregate_type, NULL);
    assert_called("misas_aggregate_type_evolve", aggregate_type,
                  &bank_accounts_v1_account_closed_type, NULL);
    assert_true(last_call.registered == NULL);
}

TEST(an_event_is_recorded_on_its_aggregate)
{
    Bank__Accounts__V1__MoneyDeposited deposited = BANK__ACCOUNTS__V1__MONEY_DEPOSITED__INIT;

    assert_passed_on(bank_accounts_v1_money_deposited_record(aggregate, &deposited));
    assert_called("misas_aggregate_record", aggregate, &bank_accounts_v1_money_deposited_type,
                  &deposited);
}

TEST(a_command_is_sent_by_a_handler_and_by_a_bus)
{
    Bank__Accounts__V1__Deposit deposit = BANK__ACCOUNTS__V1__DEPOSIT__INIT;
    misas_send_options options = {.id = "1"};
    misas_reply *reply = NULL;

    assert_passed_on(bank_accounts_v1_deposit_send_from(context, &deposit));
    assert_called("misas_context_send", context, &bank_accounts_v1_deposit_type, &deposit);
    assert_passed_on(bank_accounts_v1_deposit_send(bus, &deposit, &options));
    assert_called("misas_bus_send", bus, &bank_accounts_v1_deposit_type, &deposit);
    assert_ptr_equal(last_call.options, &options);
    assert_passed_on(bank_accounts_v1_deposit_send_and_wait(&reply, bus, &deposit, &options));
    assert_called("misas_bus_send_and_wait", bus, &bank_accounts_v1_deposit_type, &deposit);
    assert_ptr_equal(last_call.options, &options);
    assert_ptr_equal(last_call.out, &reply);
}

TEST(a_prediction_is_added_and_cancelled_by_its_key)
{
    static const char key[] = "a";
    Bank__Accounts__V1__InterestDue interest_due = BANK__ACCOUNTS__V1__INTEREST_DUE__INIT;
    misas_prediction_options options = {.due_at_us = 1};

    assert_passed_on(bank_accounts_v1_interest_due_predict(context, &interest_due, &options));
    assert_called("misas_context_predict", context, &bank_accounts_v1_interest_due_type,
                  &interest_due);
    assert_ptr_equal(last_call.prediction_options, &options);
    assert_passed_on(bank_accounts_v1_interest_due_cancel(context, key));
    assert_called("misas_context_cancel_predictions", context, &bank_accounts_v1_interest_due_type,
                  NULL);
    assert_ptr_equal(last_call.key, key);
}

TEST(a_query_is_asked)
{
    Bank__Accounts__V1__BalanceOf balance_of = BANK__ACCOUNTS__V1__BALANCE_OF__INIT;
    misas_send_options options = {.id = "1"};
    misas_reply *reply = NULL;

    assert_passed_on(bank_accounts_v1_balance_of_ask(&reply, bus, &balance_of, &options));
    assert_called("misas_bus_ask", bus, &bank_accounts_v1_balance_of_type, &balance_of);
    assert_ptr_equal(last_call.options, &options);
    assert_ptr_equal(last_call.out, &reply);
}

TEST(a_reply_is_given_to_the_context)
{
    Bank__Accounts__V1__Balance balance = BANK__ACCOUNTS__V1__BALANCE__INIT;

    assert_passed_on(bank_accounts_v1_balance_reply(context, &balance));
    assert_called("misas_context_reply", context, &bank_accounts_v1_balance_type, &balance);
}

TEST(a_reply_is_read)
{
    Bank__Accounts__V1__Balance balance = BANK__ACCOUNTS__V1__BALANCE__INIT;
    Bank__Accounts__V1__Balance *read = NULL;
    misas_reply reply = {.type = "bank.accounts.v1.Balance"};
    void *payload = NULL;

    balance.cents = 700;
    assert_no_error(misas_message_encode(&payload, &reply.payload_size,
                                         &bank_accounts_v1_balance_type, &balance.base));
    reply.payload = payload;
    assert_no_error(bank_accounts_v1_balance_read_reply(&read, &reply));
    assert_int_equal(read->cents, 700);
    misas_message_free(&read->base);
    free(payload);
}

TEST(a_reply_without_bytes_is_an_empty_message)
{
    Bank__Accounts__V1__Balance *read = NULL;
    misas_reply reply = {.type = "bank.accounts.v1.Balance"};

    assert_no_error(bank_accounts_v1_balance_read_reply(&read, &reply));
    assert_int_equal(read->cents, 0);
    misas_message_free(&read->base);
}

TEST(a_reply_of_another_type_without_content_or_broken_is_not_read)
{
    Bank__Accounts__V1__Balance *read = (Bank__Accounts__V1__Balance *)&read;
    misas_reply reply = {.type = "bank.accounts.v1.BalanceOf"};

    assert_error_says(bank_accounts_v1_balance_read_reply(&read, &reply), MISAS_ERROR_UNDECODABLE,
                      "a reply of type bank.accounts.v1.BalanceOf is not a "
                      "bank.accounts.v1.Balance");
    assert_null(read);
    reply.type = NULL;
    assert_error_says(bank_accounts_v1_balance_read_reply(&read, &reply), MISAS_ERROR_UNDECODABLE,
                      "a reply without content is not a bank.accounts.v1.Balance");
    assert_error_says(bank_accounts_v1_balance_read_reply(&read, NULL), MISAS_ERROR_UNDECODABLE,
                      "a reply without content is not a bank.accounts.v1.Balance");
    reply = (misas_reply){"bank.accounts.v1.Balance", "\xFF", 1};
    assert_error_says(bank_accounts_v1_balance_read_reply(&read, &reply), MISAS_ERROR_UNDECODABLE,
                      "at byte 0");
    assert_null(read);
}

TEST(a_query_that_names_its_reply_is_answered_with_the_message)
{
    Bank__Accounts__V1__BalanceAfter query = BANK__ACCOUNTS__V1__BALANCE_AFTER__INIT;
    Bank__Accounts__V1__Balance *read = NULL;
    misas_send_options options = {.id = "1"};

    next_reply = &(misas_reply){"bank.accounts.v1.Balance", "\x08\x07", 2};
    assert_no_error(bank_accounts_v1_balance_after_ask(&read, bus, &query, &options));
    next_reply = NULL;
    assert_called("misas_bus_ask", bus, &bank_accounts_v1_balance_after_type, &query);
    assert_ptr_equal(last_call.options, &options);
    assert_int_equal(read->cents, 7);
    misas_message_free(&read->base);
}

TEST(a_query_that_names_its_reply_gives_nothing_but_the_error_when_there_is_one)
{
    Bank__Accounts__V1__EverythingBut query = BANK__ACCOUNTS__V1__EVERYTHING_BUT__INIT;
    Test__V1__Everything *read = (Test__V1__Everything *)&read;

    assert_passed_on(bank_accounts_v1_everything_but_ask(&read, bus, &query, NULL));
    assert_null(read);
    read = (Test__V1__Everything *)&read;
    next_reply = &(misas_reply){.type = "bank.accounts.v1.Balance"};
    assert_error_says(bank_accounts_v1_everything_but_ask(&read, bus, &query, NULL),
                      MISAS_ERROR_UNDECODABLE,
                      "a reply of type bank.accounts.v1.Balance is not a test.v1.Everything");
    next_reply = NULL;
    assert_null(read);
}
