#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bank/accounts/v1/commands.misas.h"
#include "bank/accounts/v1/events.misas.h"
#include "bank/accounts/v1/kinds.misas.h"
#include "bank/ledger/v1/ledger.misas.h"
#include "google/protobuf/timestamp.misas.h"
#include "misas/options.misas.h"
#include "support/test.h"
#include "test/v1/everything.misas.h"
#include "test/v1/legacy.misas.h"
#include "text/text.h"

/* Runs a command and keeps what it says on both channels; its exit status. */
static int run(const char *command, char *output, size_t size)
{
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    size_t length = fread(output, 1, size - 1, pipe);
    output[length] = '\0';
    return pclose(pipe);
}

static void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(content, file);
    assert_int_equal(fclose(file), 0);
}

/* Gives the schema to the plugin; the exit status, what was said, and whether a header was made. */
static int run_plugin(const char *schema, char *output, size_t size, bool *is_written)
{
    char dir[] = "/tmp/protoc_gen_misas_test.XXXXXX";
    char path[64];
    char command[2000];

    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/bad.proto", dir);
    write_file(path, schema);
    snprintf(command, sizeof command,
             TEST_PROTOC " -I %s -I " TEST_SCHEMAS_DIR " --plugin=protoc-gen-misas=" TEST_PLUGIN
                         " --misas_out=%s bad.proto 2>&1",
             dir, dir);
    int status = run(command, output, size);
    remove(path);
    snprintf(path, sizeof path, "%s/bad.misas.h", dir);
    *is_written = remove(path) == 0;
    snprintf(path, sizeof path, "%s/bad.misas.c", dir);
    remove(path);
    rmdir(dir);
    return status;
}

/* The plugin must refuse the schema, saying this. */
static void assert_refused(const char *schema, const char *text)
{
    char output[4000];
    bool is_written = false;
    int status = run_plugin(schema, output, sizeof output, &is_written);

    if (status == 0 || strstr(output, text) == NULL) {
        print_error("expected a refusal saying '%s', got: %s\n", text, output);
    }
    assert_int_not_equal(status, 0);
    assert_false(is_written);
    assert_non_null(strstr(output, text));
}

static void assert_accepted(const char *schema)
{
    char output[4000];
    bool is_written = false;
    int status = run_plugin(schema, output, sizeof output, &is_written);

    if (status != 0) {
        print_error("%s\n", output);
    }
    assert_int_equal(status, 0);
    assert_true(is_written);
}

static const misas_type_field *field_of(const misas_type *type, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type->descriptor, name);

    assert_non_null(field);
    return &type->fields[field - type->descriptor->fields];
}

TEST(a_type_says_its_role_subsystem_key_and_version)
{
    assert_int_equal(bank_accounts_v1_account_opened_type.kind, MISAS_KIND_EVENT);
    assert_string_equal(bank_accounts_v1_account_opened_type.subsystem, "accounts");
    assert_string_equal(bank_accounts_v1_account_opened_type.key_field, "account_id");
    assert_int_equal(bank_accounts_v1_account_opened_type.version, 1);
    assert_int_equal(bank_accounts_v1_money_deposited_type.kind, MISAS_KIND_EVENT);
    assert_string_equal(bank_accounts_v1_money_deposited_type.key_field, "account_id");
    assert_int_equal(bank_accounts_v1_money_deposited_type.version, 3);
    assert_null(bank_accounts_v1_money_deposited_type.subsystem);
    assert_int_equal(bank_accounts_v1_account_closed_type.kind, MISAS_KIND_EVENT);
    assert_int_equal(bank_accounts_v1_deposit_type.kind, MISAS_KIND_COMMAND);
    assert_int_equal(bank_accounts_v1_interest_due_type.kind, MISAS_KIND_PREDICTION);
    assert_int_equal(bank_accounts_v1_balance_of_type.kind, MISAS_KIND_QUERY);
    assert_int_equal(bank_accounts_v1_balance_type.kind, MISAS_KIND_PART);
    assert_int_equal(bank_accounts_v1_balance_type.version, 1);
    assert_null(bank_accounts_v1_balance_type.collection);
    assert_int_equal(bank_ledger_v1_card_type.kind, MISAS_KIND_DOCUMENT);
    assert_string_equal(bank_ledger_v1_card_type.collection, "cards");
    assert_string_equal(bank_ledger_v1_card_type.key_field, "account");
}

TEST(a_type_knows_its_fields_by_the_index_of_the_descriptor)
{
    const misas_type *type = &test_v1_everything_type;

    assert_string_equal(field_of(type, "a_bytes")->json_name, "aBytes");
    assert_string_equal(field_of(type, "renamed")->json_name, "another-name");
    assert_true(field_of(type, "owner")->is_personal);
    assert_true(field_of(type, "other_string")->is_personal);
    assert_false(field_of(type, "a_string")->is_personal);
    assert_null(field_of(type, "a_string")->type);
    assert_ptr_equal(field_of(type, "itself")->type, type);
    assert_ptr_equal(field_of(type, "a_timestamp")->type, &google_protobuf_timestamp_type);
    assert_ptr_equal(field_of(type, "a_line")->type, &test_v1_everything_line_type);
    assert_false(field_of(type, "lines")->is_map);
    assert_true(field_of(type, "by_fixed64")->is_map);
    assert_ptr_equal(field_of(field_of(type, "by_fixed64")->type, "value")->type,
                     &test_v1_everything_line_type);
    assert_ptr_equal(field_of(&bank_accounts_v1_deposit_type, "at")->type,
                     &bank_accounts_v1_money_deposited_cash_desk_type);
}

TEST(a_schema_has_the_types_of_its_file)
{
    assert_string_equal(bank_accounts_v1_events_schema.file, "bank/accounts/v1/events.proto");
    assert_int_equal(bank_accounts_v1_events_schema.type_count, 4);
    assert_int_equal(bank_accounts_v1_kinds_schema.type_count, 0);
    assert_ptr_equal(misas_options_schema.types[0], &misas_role_type);
}

TEST(a_message_has_at_most_one_role)
{
    assert_refused("syntax = \"proto3\"; package a.b; import \"misas/options.proto\";\n"
                   "message Two { option (misas.event) = {}; option (misas.command) = {}; }",
                   "bad.proto: message a.b.Two: two roles, command and event");
}

TEST(a_document_states_its_collection_and_its_key_and_nothing_else_has_a_collection)
{
    static const char expected[] =
        "message M: the option of a document states its collection and its key";

    assert_refused("syntax = \"proto3\"; import \"misas/options.proto\";\n"
                   "message M { option (misas.document) = {key: \"id\"}; string id = 1; }",
                   expected);
    assert_refused("syntax = \"proto3\"; import \"misas/options.proto\";\n"
                   "message M { option (misas.document) = {collection: \"m\"}; string id = 1; }",
                   expected);
    assert_refused("syntax = \"proto3\"; import \"misas/options.proto\";\n"
                   "message M { option (misas.event) = {collection: \"m\"}; string id = 1; }",
                   "message M: a collection in its role, but only documents are kept in one");
}

TEST(a_key_is_a_single_string_field)
{
    static const char schema[] =
        "syntax = \"proto3\"; import \"misas/options.proto\";\n"
        "message M { option (misas.command) = {key: \"%s\"}; message N {}\n"
        "  int64 number = 1; repeated string texts = 2; N n = 3; }";
    static const struct {
        const char *key;
        const char *text;
    } cases[] = {
        {"nothing", "message M: field nothing is the key of its role, but there is no such field"},
        {"number", "message M: field number is the key of its role, and a key must be a string"},
        {"texts", "message M: field texts is the key"},
        {"n", "message M: field n is the key"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        misas__text text = {0};

        misas__text_append(&text, schema, (size_t)(strstr(schema, "%s") - schema));
        misas__text_append_string(&text, cases[i].key);
        misas__text_append_string(&text, strstr(schema, "%s") + 2);
        assert_refused(text.bytes, cases[i].text);
        misas__text_free(&text);
    }
}

TEST(versions_begin_with_one)
{
    assert_refused("syntax = \"proto3\"; import \"misas/options.proto\";\n"
                   "message M { option (misas.event) = {version: 0}; }",
                   "bad.proto: message M: version 0 in its role");
}

TEST(a_reply_is_a_message_that_can_answer_in_the_file_or_one_that_it_imports)
{
    static const struct {
        const char *role;
        const char *text; /* NULL: it is accepted */
    } cases[] = {
        {"query) = {reply: \"R\"}", NULL},
        {"query) = {reply: \"a.b.R\"}", NULL},
        {"query) = {reply: \"misas.Role\"}", NULL},
        {"query) = {reply: \"Nothing\"}",
         "bad.proto: message a.b.Q: its role has the reply Nothing, but there is no such message "
         "in this file or one that it imports"},
        {"query) = {reply: \"google.protobuf.FileOptions\"}", "there is no such message in this"},
        {"query) = {reply: \"E\"}", "its role has the reply a.b.E, which can't be one"},
        {"query) = {reply: \"R.Inner\"}", "its role has the reply a.b.R.Inner, which can't be one"},
        {"command) = {reply: \"R\"}",
         "message a.b.Q: its role states a reply, and it is of the kind command: only a query"},
        {"event) = {reply: \"R\"}", "it is of the kind event: only a query does"},
        {"prediction) = {reply: \"R\"}", "it is of the kind prediction: only a query does"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char schema[400];

        snprintf(schema, sizeof schema,
                 "syntax = \"proto3\"; package a.b; import \"misas/options.proto\";\n"
                 "message Q { option (misas.%s; }\n"
                 "message R { message Inner {} } message E { option (misas.event) = {}; }",
                 cases[i].role);
        if (cases[i].text != NULL) {
            assert_refused(schema, cases[i].text);
        } else {
            assert_accepted(schema);
        }
    }
}

TEST(proto3_optional_is_refused_with_what_to_use_instead)
{
    assert_refused("syntax = \"proto3\"; message Outer { message M { optional int32 a = 1; } }",
                   "bad.proto: message Outer.M: field a is a proto3 `optional`, which protobuf-c "
                   "does not have: use a wrapper");
}

TEST(groups_are_refused)
{
    assert_refused(
        "syntax = \"proto2\"; message M { optional group G = 1 { optional int32 a = 1; } }",
        "message M: field g is a group");
}

TEST(two_messages_of_one_name_in_c_are_refused)
{
    assert_refused("syntax = \"proto3\"; message Outer { message Inner {} } message OuterInner {}",
                   "message OuterInner: has the name outer_inner in C, and so has message "
                   "Outer.Inner");
}

TEST(two_messages_whose_typed_functions_have_one_name_are_refused)
{
    assert_refused("syntax = \"proto3\"; package bank; message Balance {} message BalanceRead {}",
                   "bad.proto: message bank.BalanceRead: makes bank_balance_read_reply in C, and "
                   "so does message bank.Balance");
    assert_refused(
        "syntax = \"proto3\"; message BalanceRead {} message Other {} message Balance {}",
        "message Balance: makes balance_read_reply in C, and so does message "
        "BalanceRead");
}

TEST(messages_whose_names_only_look_alike_are_accepted)
{
    assert_accepted("syntax = \"proto3\"; import \"misas/options.proto\";\n"
                    "message Balance { option (misas.query) = {}; } message BalanceRead {}");
    assert_accepted("syntax = \"proto3\"; import \"misas/options.proto\";\n"
                    "message Deposit { option (misas.command) = {}; }\n"
                    "message DepositSend { option (misas.command) = {}; }\n"
                    "message DepositHandler { option (misas.event) = {}; }");
    assert_accepted("syntax = \"proto3\"; message Balance {} message Outer { message Balance {}\n"
                    "message BalanceRead {} }");
}

TEST(what_is_no_request_is_refused)
{
    char output[1000];

    assert_int_not_equal(run("printf '\\377' | " TEST_PLUGIN " 2>&1", output, sizeof output), 0);
    assert_non_null(strstr(output, "not a CodeGeneratorRequest"));
}

static const char *const languages[] = {"-x c -std=c11 -Wstrict-prototypes -Wmissing-prototypes",
                                        "-x c++ -std=c++17"};

enum { language_count = sizeof languages / sizeof languages[0] };

/* The source must not have a single quote, which ends it for the shell. -Wextra has gcc's
 * -Wcast-function-type, of which clang's is another: it knows no type for any function. */
static int compile(const char *source, const char *language, char *output, size_t size)
{
    char command[4000];

    snprintf(command, sizeof command,
             "printf '%%s\n' '%s' | " TEST_C_COMPILER
             " %s -fsyntax-only -Wall -Wextra -Wpedantic -Wformat=2 -Wshadow -Wconversion "
             "-Wcast-qual -Wunused -Werror " TEST_INCLUDES " - 2>&1",
             source, language);
    return run(command, output, size);
}

static void assert_compiles(const char *source)
{
    for (size_t i = 0; i < language_count; i++) {
        char output[4000];
        int status = compile(source, languages[i], output, sizeof output);

        if (status != 0) {
            print_error("%s\n%s\n%s\n", languages[i], source, output);
        }
        assert_int_equal(status, 0);
    }
}

static void assert_does_not_compile(const char *source, const char *text)
{
    for (size_t i = 0; i < language_count; i++) {
        char output[4000];

        assert_int_not_equal(compile(source, languages[i], output, sizeof output), 0);
        if (strstr(output, text) == NULL) {
            print_error("%s\n%s\n%s\n", languages[i], source, output);
        }
        assert_non_null(strstr(output, text));
    }
}

TEST(the_generated_headers_compile_alone_in_c_and_in_cpp)
{
    static const char *const headers[] = {"bank/accounts/v1/commands.misas.h",
                                          "bank/accounts/v1/events.misas.h",
                                          "bank/accounts/v1/kinds.misas.h",
                                          "bank/accounts/v1/queries.misas.h",
                                          "misas/eventstore/v1/events.misas.h",
                                          "misas/options.misas.h",
                                          "test/v1/everything.misas.h",
                                          "google/protobuf/struct.misas.h",
                                          "misas/generated.h"};

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char source[200];

        snprintf(source, sizeof source, "#include \"%s\"", headers[i]);
        assert_compiles(source);
    }
}

TEST(a_typed_function_takes_its_own_message_in_c_and_in_cpp)
{
    static const char source[] =
        "#include \"bank/accounts/v1/commands.misas.h\"\n"
        "static misas_error *handle(misas_context *c, const Bank__Accounts__V1__%s *m)\n"
        "{ return m == NULL ? bank_accounts_v1_deposit_send_from(c, NULL) : NULL; }\n"
        "void use(misas_subsystem *s);\n"
        "void use(misas_subsystem *s) { bank_accounts_v1_deposit_handle(s, handle); }";
    char filled[sizeof source + 20];

    snprintf(filled, sizeof filled, source, "Deposit");
    assert_compiles(filled);
    snprintf(filled, sizeof filled, source, "InterestDue");
    assert_does_not_compile(filled, "bank_accounts_v1_deposit_handle");
}

TEST(a_message_has_the_typed_functions_of_its_kind_only)
{
    static const struct {
        const char *header;
        const char *name;
        bool is_there;
    } cases[] = {
        {"bank/accounts/v1/commands", "bank_accounts_v1_deposit_send", true},
        {"bank/accounts/v1/commands", "bank_accounts_v1_deposit_ask", false},
        {"bank/accounts/v1/commands", "bank_accounts_v1_deposit_reply", false},
        {"bank/accounts/v1/commands", "bank_accounts_v1_interest_due_handle", true},
        {"bank/accounts/v1/commands", "bank_accounts_v1_interest_due_send", false},
        {"bank/accounts/v1/commands", "bank_accounts_v1_interest_due_predict", true},
        {"bank/accounts/v1/commands", "bank_accounts_v1_interest_due_cancel", true},
        {"bank/accounts/v1/commands", "bank_accounts_v1_deposit_predict", false},
        {"bank/accounts/v1/commands", "bank_accounts_v1_deposit_cancel", false},
        {"bank/accounts/v1/commands", "bank_accounts_v1_balance_of_ask", true},
        {"bank/accounts/v1/commands", "bank_accounts_v1_balance_of_decide", false},
        {"bank/accounts/v1/commands", "bank_accounts_v1_balance_reply", true},
        {"bank/accounts/v1/commands", "bank_accounts_v1_balance_handle", false},
        {"bank/ledger/v1/ledger", "bank_ledger_v1_deposit_send_by", true},
        {"bank/ledger/v1/ledger", "bank_ledger_v1_card_keep", true},
        {"bank/ledger/v1/ledger", "bank_ledger_v1_card_load", true},
        {"bank/ledger/v1/ledger", "bank_ledger_v1_card_reply", true},
        {"bank/ledger/v1/ledger", "bank_ledger_v1_balance_load", false},
        {"bank/accounts/v1/events", "bank_accounts_v1_money_deposited_record", true},
        {"bank/accounts/v1/events", "bank_accounts_v1_money_deposited_on", true},
        {"bank/accounts/v1/commands", "bank_accounts_v1_deposit_on", false},
        {"bank/accounts/v1/events", "bank_accounts_v1_money_deposited_reply", false},
        {"bank/accounts/v1/events", "bank_accounts_v1_money_deposited_cash_desk_reply", false},
        {"test/v1/everything", "test_v1_everything_reply", true},
        {"test/v1/everything", "test_v1_everything_by_string_entry_reply", false},
        {"google/protobuf/empty", "google_protobuf_empty_reply", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char source[400];

        /* A name that is taken can't be declared as something else. */
        snprintf(source, sizeof source, "#include \"%s.misas.h\"\nextern int %s;", cases[i].header,
                 cases[i].name);
        if (cases[i].is_there) {
            assert_does_not_compile(source, cases[i].name);
        } else {
            assert_compiles(source);
        }
    }
}

TEST(a_header_includes_no_more_than_its_messages_need)
{
    static const struct {
        const char *header;
        const char *guard;
    } cases[] = {
        {"bank/accounts/v1/events", "MISAS_BUS_H"},
        {"test/v1/everything", "MISAS_SUBSYSTEM_H"},
        {"test/v1/everything", "MISAS_BUS_H"},
        {"bank/accounts/v1/kinds", "MISAS_GENERATED_H"},
        {"bank/accounts/v1/kinds", "MISAS_CONTEXT_H"},
        {"google/protobuf/empty", "MISAS_GENERATED_H"},
        {"google/protobuf/empty", "MISAS_CONTEXT_H"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char source[200];

        snprintf(source, sizeof source,
                 "#include \"%s.misas.h\"\n#ifdef %s\n#error \"too much\"\n#endif", cases[i].header,
                 cases[i].guard);
        assert_compiles(source);
    }
}

TEST(a_message_that_scenarios_send_or_expect_has_a_macro_that_makes_one)
{
    static const char includes[] = "#include \"misas/testing.h\"\n"
                                   "#include \"bank/accounts/v1/commands.misas.h\"\n"
                                   "#include \"test/v1/everything.misas.h\"\n";
    char source[600];

    snprintf(source, sizeof source,
             "%s#ifndef __cplusplus\n" /* which has no such literals */
             "void use(misas_scenario *s);\n"
             "void use(misas_scenario *s)\n"
             "{ misas_scenario_when_command(s, BANK_ACCOUNTS_V1_DEPOSIT());\n"
             "  misas_scenario_then_reply_is(s, BANK_ACCOUNTS_V1_BALANCE(.%s = 1)); }\n"
             "#endif",
             includes, "cents");
    assert_compiles(source);
    snprintf(source, sizeof source,
             "%svoid use(misas_scenario *s);\n"
             "void use(misas_scenario *s)\n"
             "{ misas_scenario_then_reply_is(s, BANK_ACCOUNTS_V1_BALANCE(.%s = 1)); }",
             includes, "pounds");
    assert_does_not_compile(source, "pounds");
    snprintf(source, sizeof source, "%s#ifdef TEST_V1_EVERYTHING_LINE\n#error \"%s\"\n#endif",
             includes, "too much");
    assert_compiles(source);
}
