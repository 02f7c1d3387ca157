#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bank/accounts/v1/commands.misas.h"
#include "bank/accounts/v1/events.misas.h"
#include "bank/accounts/v1/kinds.misas.h"
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

/* Gives the schema to the plugin, which must refuse it, saying this. */
static void assert_refused(const char *schema, const char *text)
{
    char dir[] = "/tmp/protoc_gen_misas_test.XXXXXX";
    char path[64];
    char command[2000];
    char output[4000];

    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/bad.proto", dir);
    write_file(path, schema);
    snprintf(command, sizeof command,
             TEST_PROTOC " -I %s -I " TEST_SCHEMAS_DIR " --plugin=protoc-gen-misas=" TEST_PLUGIN
                         " --misas_out=%s bad.proto 2>&1",
             dir, dir);
    int status = run(command, output, sizeof output);
    remove(path);
    snprintf(path, sizeof path, "%s/bad.misas.h", dir);
    int is_written = remove(path);
    snprintf(path, sizeof path, "%s/bad.misas.c", dir);
    remove(path);
    rmdir(dir);
    if (status == 0 || strstr(output, text) == NULL) {
        print_error("expected a refusal saying '%s', got: %s\n", text, output);
    }
    assert_int_not_equal(status, 0);
    assert_int_not_equal(is_written, 0);
    assert_non_null(strstr(output, text));
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

TEST(what_is_no_request_is_refused)
{
    char output[1000];

    assert_int_not_equal(run("printf '\\377' | " TEST_PLUGIN " 2>&1", output, sizeof output), 0);
    assert_non_null(strstr(output, "not a CodeGeneratorRequest"));
}

TEST(the_generated_headers_compile_alone_in_c_and_in_cpp)
{
    static const char *const headers[] = {"bank/accounts/v1/commands.misas.h",
                                          "bank/accounts/v1/events.misas.h",
                                          "misas/eventstore/v1/events.misas.h",
                                          "misas/options.misas.h",
                                          "test/v1/everything.misas.h",
                                          "google/protobuf/struct.misas.h",
                                          "misas/generated.h"};
    static const char *const languages[] = {
        "-x c -std=c11 -Wstrict-prototypes -Wmissing-prototypes", "-x c++ -std=c++17"};

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        for (size_t j = 0; j < sizeof languages / sizeof languages[0]; j++) {
            char command[2000];
            char output[4000];

            snprintf(command, sizeof command,
                     "echo '#include \"%s\"' | " TEST_C_COMPILER
                     " %s -fsyntax-only -Wall -Wextra -Wpedantic -Wformat=2 -Wshadow -Wconversion "
                     "-Werror " TEST_INCLUDES " - 2>&1",
                     headers[i], languages[j]);
            int status = run(command, output, sizeof output);
            if (status != 0) {
                print_error("%s\n%s\n", command, output);
            }
            assert_int_equal(status, 0);
        }
    }
}
