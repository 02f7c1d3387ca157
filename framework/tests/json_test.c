#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bank/accounts/v1/events.misas.h"
#include "google/protobuf/duration.misas.h"
#include "google/protobuf/struct.misas.h"
#include "google/protobuf/timestamp.misas.h"
#include "misas/json.h"
#include "support/test.h"
#include "support/wire.h"
#include "test/v1/everything.misas.h"
#include "test/v1/legacy.misas.h"

static misas_error *decode(ProtobufCMessage **out, const misas_type *type, const char *json)
{
    return misas_json_decode(out, type, json, strlen(json), NULL);
}

static Test__V1__Everything *decode_everything(const char *json)
{
    ProtobufCMessage *message = NULL;

    assert_no_error(decode(&message, &test_v1_everything_type, json));
    return (Test__V1__Everything *)message;
}

/* The message of `json` is written as `expected`, also after it went over the wire. */
static void assert_becomes(const misas_type *type, const char *json, const char *expected)
{
    ProtobufCMessage *message = NULL;
    ProtobufCMessage *received = NULL;
    char *written = NULL;
    void *bytes = NULL;
    size_t size = 0;

    assert_no_error(decode(&message, type, json));
    assert_no_error(misas_message_encode(&bytes, &size, type, message));
    assert_no_error(misas_message_decode(&received, type, bytes, size, NULL));
    assert_no_error(misas_json_encode(&written, NULL, type, received, NULL));
    assert_string_equal(written, expected);
    free(written);
    assert_no_error(misas_json_encode(&written, &size, type, message, NULL));
    assert_string_equal(written, expected);
    assert_int_equal(size, strlen(expected));
    free(written);
    free(bytes);
    misas_message_free(message);
    misas_message_free(received);
}

static void assert_same(const misas_type *type, const char *json)
{
    assert_becomes(type, json, json);
}

static void everything_becomes(const char *json, const char *expected)
{
    assert_becomes(&test_v1_everything_type, json, expected);
}

static void everything_same(const char *json)
{
    everything_becomes(json, json);
}

static void assert_invalid(const misas_type *type, const char *json, const char *path,
                           const char *text)
{
    ProtobufCMessage *message = NULL;
    misas_error *error = decode(&message, type, json);

    if (error == NULL) {
        print_error("accepted: %s\n", json);
    }
    assert_non_null(error);
    assert_null(message);
    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_non_null(misas_error_data(error, "path"));
    assert_string_equal(misas_error_data(error, "path"), path);
    assert_string_equal(misas_error_data(error, "type"), type->descriptor->name);
    assert_non_null(misas_error_data(error, "reason"));
    assert_error_says(error, MISAS_ERROR_JSON_INVALID, text);
}

static void everything_invalid(const char *json, const char *path, const char *text)
{
    assert_invalid(&test_v1_everything_type, json, path, text);
}

/* For text that is not JSON at all: line and column are known. */
static void assert_not_json(const char *json, size_t size, const char *text)
{
    ProtobufCMessage *message = NULL;
    misas_error *error = misas_json_decode(&message, &test_v1_everything_type, json, size, NULL);

    assert_non_null(error);
    assert_non_null(misas_error_data(error, "line"));
    assert_non_null(misas_error_data(error, "column"));
    assert_error_says(error, MISAS_ERROR_JSON_INVALID, text);
}

TEST(fields_have_their_json_names_and_may_be_read_by_their_proto_names)
{
    everything_becomes("{\"a_string\":\"a\",\"another-name\":\"b\",\"class\":\"c\"}",
                       "{\"aString\":\"a\",\"another-name\":\"b\",\"class\":\"c\"}");
    everything_becomes("{\"aString\":\"a\",\"renamed\":\"b\"}",
                       "{\"aString\":\"a\",\"another-name\":\"b\"}");
}

TEST(integers_of_64_bits_are_strings_and_others_numbers)
{
    everything_same("{\"anInt32\":-2147483648,\"anInt64\":\"-9223372036854775808\","
                    "\"aUint32\":4294967295,\"aUint64\":\"18446744073709551615\","
                    "\"aSint32\":-1,\"aSint64\":\"-1\",\"aFixed32\":1,\"aFixed64\":\"1\","
                    "\"aSfixed32\":-2,\"aSfixed64\":\"-2\"}");
}

TEST(integers_of_64_bits_can_be_written_as_numbers_if_they_are_none_too_large_to_read_back)
{
    Test__V1__Everything *message = decode_everything(
        "{\"anInt64\":-9223372036854775808,\"aUint64\":\"18446744073709551615\",\"aSint64\":-1,"
        "\"aFixed64\":\"9223372036854775807\",\"byInt64\":{\"5\":2},\"bySint32\":{\"1\":false}}");
    const misas_type *type = &test_v1_everything_type;
    ProtobufCMessage *same = NULL;
    char *json = NULL;
    char *again = NULL;

    assert_no_error(misas_json_encode(&json, NULL, type, &message->base,
                                      &(misas_json_options){.write_numbers = true}));
    assert_string_equal(json, "{\"anInt64\":-9223372036854775808,"
                              "\"aUint64\":\"18446744073709551615\",\"aSint64\":-1,"
                              "\"aFixed64\":9223372036854775807,\"byInt64\":{\"5\":2},"
                              "\"bySint32\":{\"1\":false}}");
    assert_no_error(decode(&same, type, json));
    assert_no_error(
        misas_json_encode(&again, NULL, type, same, &(misas_json_options){.write_numbers = true}));
    assert_string_equal(again, json);
    free(json);
    free(again);
    misas_message_free(same);
    misas_message_free(&message->base);
}

TEST(integers_may_be_quoted_or_not_and_written_as_reals)
{
    everything_becomes("{\"anInt32\":\"1\",\"anInt64\":1,\"aUint32\":1.0,\"aUint64\":1e2,"
                       "\"aSint32\":\"-1e1\",\"aFixed64\":1e19,\"aSfixed64\":\"-0\"}",
                       "{\"anInt32\":1,\"anInt64\":\"1\",\"aUint32\":1,\"aUint64\":\"100\","
                       "\"aSint32\":-10,\"aFixed64\":\"10000000000000000000\"}");
}

TEST(what_is_no_integer_or_out_of_range_is_refused)
{
    static const struct {
        const char *json;
        const char *path;
    } cases[] = {
        {"{\"anInt32\":1.5}", "anInt32"},
        {"{\"anInt32\":2147483648}", "anInt32"},
        {"{\"anInt32\":-2147483649}", "anInt32"},
        {"{\"anInt32\":\"\"}", "anInt32"},
        {"{\"anInt32\":\" 1\"}", "anInt32"},
        {"{\"anInt32\":\"1 \"}", "anInt32"},
        {"{\"anInt32\":\"+1\"}", "anInt32"},
        {"{\"anInt32\":\"01\"}", "anInt32"},
        {"{\"anInt32\":\"0x1\"}", "anInt32"},
        {"{\"anInt32\":\"1.5\"}", "anInt32"},
        {"{\"anInt32\":\"-\"}", "anInt32"},
        {"{\"anInt32\":true}", "anInt32"},
        {"{\"anInt32\":[]}", "anInt32"},
        {"{\"anInt64\":\"9223372036854775808\"}", "anInt64"},
        {"{\"anInt64\":1e19}", "anInt64"},
        {"{\"aUint32\":-1}", "aUint32"},
        {"{\"aUint32\":4294967296}", "aUint32"},
        {"{\"aUint64\":\"18446744073709551616\"}", "aUint64"},
        {"{\"aUint64\":1.8446744073709552e19}", "aUint64"},
        {"{\"aUint64\":\"-1\"}", "aUint64"},
        {"{\"anInt32\":\"NaN\"}", "anInt32"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        everything_invalid(cases[i].json, cases[i].path, "expected an integer");
    }
}

TEST(reals_are_written_with_the_fewest_digits_that_read_back)
{
    everything_same("{\"aDouble\":0.1,\"aFloat\":0.1}");
    everything_same("{\"aDouble\":1.7976931348623157e+308,\"aFloat\":3.4028235e+38}");
    everything_same("{\"aDouble\":4.94065645841247e-324,\"aFloat\":1.4013e-45}");
    everything_same("{\"aDouble\":0.30000000000000004,\"aFloat\":16777216}");
    everything_same("{\"aDouble\":1e+21}");
    everything_becomes("{\"aDouble\":\"1.5\",\"aFloat\":\"-2e0\"}",
                       "{\"aDouble\":1.5,\"aFloat\":-2}");
    everything_becomes("{\"doubles\":[-0.0,1,100000]}", "{\"doubles\":[-0.0,1,100000]}");
}

TEST(reals_that_are_not_finite_are_quoted)
{
    everything_same("{\"aDouble\":\"NaN\",\"aFloat\":\"-Infinity\",\"doubles\":[\"Infinity\"]}");
    everything_invalid("{\"aDouble\":\"nan\"}", "aDouble", "expected a number, got a string");
    everything_invalid("{\"aFloat\":3.5e38}", "aFloat", "expected a float, got one beyond");
    everything_becomes("{\"aFloat\":3.40282356e38}", "{\"aFloat\":3.4028235e+38}");
}

TEST(the_locale_changes_nothing)
{
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL) {
        skip(); /* it is not installed: none with a decimal comma is known to be there */
    }
    everything_same("{\"aDouble\":1.5,\"aFloat\":2.5,\"doubles\":[1e-07],\"aDoubleValue\":0.25}");
    everything_becomes("{\"aDouble\":\"1.5\"}", "{\"aDouble\":1.5}");
    setlocale(LC_NUMERIC, "C");
}

TEST(truth_values_are_not_quoted)
{
    everything_same("{\"aBool\":true,\"bools\":[true,false]}");
    everything_invalid("{\"aBool\":\"true\"}", "aBool", "expected true or false");
    everything_invalid("{\"aBool\":1}", "aBool", "expected true or false");
}

TEST(enums_are_names_or_numbers_when_unknown)
{
    everything_same("{\"aColour\":\"COLOUR_DARK\",\"colours\":[\"COLOUR_UNSPECIFIED\",17]}");
    everything_becomes("{\"aColour\":1,\"colours\":[2.0]}",
                       "{\"aColour\":\"COLOUR_RED\",\"colours\":[\"COLOUR_GREEN\"]}");
    everything_invalid("{\"aColour\":\"red\"}", "aColour",
                       "expected a value of test.v1.Colour, got \"red\"");
    everything_invalid("{\"aColour\":2147483648}", "aColour", "expected an integer");
}

TEST(bytes_are_base64_of_either_alphabet)
{
    everything_same("{\"aBytes\":\"AAEC\",\"bytess\":[\"\",\"/w==\",\"//8=\",\"+++/\"]}");
    everything_becomes("{\"bytess\":[\"_w\",\"__8\",\"-_-_\",\"-_==\"]}",
                       "{\"bytess\":[\"/w==\",\"//8=\",\"+/+/\",\"+w==\"]}");
    everything_invalid("{\"aBytes\":\"A\"}", "aBytes", "expected base64");
    everything_invalid("{\"aBytes\":\"AA=\"}", "aBytes", "expected base64");
    everything_invalid("{\"aBytes\":\"A===\"}", "aBytes", "expected base64");
    everything_invalid("{\"aBytes\":\"AA A\"}", "aBytes", "expected base64");
    everything_invalid("{\"bytess\":[\"\",5]}", "bytess[1]", "expected a string of base64");
}

TEST(texts_keep_every_character)
{
    everything_same("{\"aString\":\"caf\xC3\xA9 \xF0\x9F\x98\x80 \\\" \\\\ \\u2028\"}");
    everything_becomes("{\"aString\":\"\\u0001\\n\\ud83d\\ude00\\/\"}",
                       "{\"aString\":\"\\u0001\\n\xF0\x9F\x98\x80/\"}");
}

TEST(messages_and_lists_nest)
{
    everything_same(
        "{\"aLine\":{\"article\":\"a\",\"amount\":\"1\",\"parts\":[{},{\"amount\":\"2\"}]},"
        "\"itself\":{\"itself\":{\"anInt32\":1}},\"unpacked\":[1,2]}");
    everything_invalid("{\"lines\":[{},{},{\"amount\":\"x\"}]}", "lines[2].amount",
                       "lines[2].amount: expected an integer, got a string that is none");
    everything_invalid("{\"aLine\":[]}", "aLine", "expected an object, got a list");
    everything_invalid("{\"lines\":{}}", "lines", "expected a list, got an object");
    everything_invalid("[]", "", "expected an object, got a list");
}

TEST(null_means_not_set_but_not_within_a_list_or_map)
{
    everything_becomes("{\"aString\":null,\"aLine\":null,\"lines\":null,\"byString\":null,"
                       "\"choiceInt32\":null,\"aTimestamp\":null,\"anInt64Value\":null,"
                       "\"aColour\":null}",
                       "{}");
    everything_invalid("{\"lines\":[null]}", "lines[0]", "a list may not hold null");
    everything_invalid("{\"byInt32\":{\"1\":null}}", "byInt32[\"1\"]", "a map may not hold null");
    everything_invalid("{\"int64Values\":[null]}", "int64Values[0]", "a list may not hold null");
    everything_invalid("null", "", "expected an object, got null");
}

TEST(maps_have_keys_of_every_kind_in_order)
{
    everything_same(
        "{\"byString\":{\"\":\"\",\"a\\\"\":\"b\"},\"byInt32\":{\"-2\":1,\"10\":0},"
        "\"byInt64\":{\"-9223372036854775808\":\"1\",\"5\":\"2\"},\"byUint32\":{\"4294967295\":"
        "\"\"},"
        "\"byUint64\":{\"18446744073709551615\":0.5},\"bySint32\":{\"-1\":true,\"1\":false},"
        "\"bySint64\":{\"-1\":\"COLOUR_RED\"},\"byFixed32\":{\"7\":1.5},"
        "\"byFixed64\":{\"7\":{\"article\":\"a\"},\"8\":{}},\"bySfixed32\":{\"-7\":\"x\"},"
        "\"bySfixed64\":{\"-7\":\"1970-01-01T00:00:00Z\"},\"byBool\":{\"false\":\"f\",\"true\":"
        "\"t\"}}");
    everything_invalid("{\"byBool\":{\"True\":\"\"}}", "byBool[\"True\"]",
                       "expected a key true or false");
    everything_invalid("{\"byInt32\":{\"x\":1}}", "byInt32[\"x\"]", "a key that is an integer");
    everything_invalid("{\"byInt32\":{\"1\":1,\"1.0\":1}}", "byInt32[\"1.0\"]", "expected a key");
    everything_invalid("{\"byInt32\":{\"-0\":1}}", "byInt32[\"-0\"]", "expected a key");
    everything_invalid("{\"byUint64\":{\"-1\":1}}", "byUint64[\"-1\"]", "expected an integer");
    everything_invalid("{\"byFixed64\":{\"7\":{\"amount\":{}}}}", "byFixed64[\"7\"].amount",
                       "expected an integer, got an object");
    everything_invalid("{\"byString\":[]}", "byString", "expected an object");
}

TEST(a_key_that_is_twice_in_the_bytes_is_written_once_with_its_last_value)
{
    wire bytes = {0};
    ProtobufCMessage *message = NULL;
    char *json = NULL;

    for (uint64_t i = 1; i <= 3; i++) {
        wire entry = {0};

        wire_add_varint(&entry, 1, i == 2 ? 8 : 7);
        wire_add_varint(&entry, 2, i);
        wire_add_message(&bytes, 62, &entry);
    }
    wire_add_text(&bytes, 69, "");
    wire_add_text(&bytes, 71, "");
    assert_no_error(
        misas_message_decode(&message, &test_v1_everything_type, bytes.bytes, bytes.size, NULL));
    assert_no_error(misas_json_encode(&json, NULL, &test_v1_everything_type, message, NULL));
    assert_string_equal(json, "{\"byInt32\":{\"7\":3,\"8\":2},\"byFixed64\":{\"0\":{}},"
                              "\"bySfixed64\":{\"0\":\"1970-01-01T00:00:00Z\"}}");
    free(json);
    misas_message_free(message);
    misas__text_free(&bytes);
}

TEST(a_oneof_has_one_member_also_with_its_default_value)
{
    everything_same("{\"choiceString\":\"\",\"otherBool\":false}");
    everything_same("{\"choiceInt32\":0}");
    everything_same("{\"choiceBytes\":\"\"}");
    everything_same("{\"choiceLine\":{}}");
    everything_same("{\"choiceColour\":\"COLOUR_UNSPECIFIED\"}");
    everything_same("{\"choiceNull\":null}");
    everything_same("{\"choiceNull\":5,\"aNull\":-1}");
    everything_becomes("{\"choiceString\":null,\"choiceInt32\":1}", "{\"choiceInt32\":1}");
    everything_invalid("{\"choiceString\":\"\",\"choiceLine\":{}}", "choiceLine",
                       "choice_string and choice_line are of one oneof");
    everything_invalid("{\"choiceNull\":null,\"choiceInt32\":1}", "choiceInt32", "of one oneof");
}

TEST(timestamps_are_rfc_3339_to_the_nanosecond)
{
    static const char *const same[] = {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
                                       "1969-12-31T23:59:59.500Z", "2024-02-29T12:30:00.000001Z",
                                       "2024-02-29T12:30:00.000000001Z"};
    static const char *const wrong[] = {
        "",
        "2024-02-29",
        "2024-02-29T12:30:00",
        "2024-02-29t12:30:00Z",
        "2024-02-29T12:30:00z",
        "2024-02-29 12:30:00Z",
        "2023-02-29T12:30:00Z",
        "2024-02-29T12:30:60Z",
        "2024-02-29T12:30:00.Z",
        "2024-02-29T12:30:00.1234567890Z",
        "2024-02-29T12:30:00Zx",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };
    char json[100];

    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        snprintf(json, sizeof json, "\"%s\"", same[i]);
        assert_same(&google_protobuf_timestamp_type, json);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(json, sizeof json, "{\"aTimestamp\":\"%s\"}", wrong[i]);
        everything_invalid(json, "aTimestamp", "expected a time");
    }
    everything_becomes("{\"aTimestamp\":\"2024-02-29T12:30:00.12+02:30\"}",
                       "{\"aTimestamp\":\"2024-02-29T10:00:00.120Z\"}");
    everything_invalid("{\"timestamps\":[5]}", "timestamps[0]", "expected a time");
}

TEST(durations_are_seconds)
{
    static const char *const same[] = {
        "\"0s\"",         "\"-0.500s\"",       "\"1.000000001s\"",  "\"1.001s\"",
        "\"-1.000001s\"", "\"315576000000s\"", "\"-315576000000s\""};
    static const char *const wrong[] = {"\"\"",
                                        "\"1\"",
                                        "\"s\"",
                                        "\"1.s\"",
                                        "\".5s\"",
                                        "\"+1s\"",
                                        "\"1m\"",
                                        "\"1 s\"",
                                        "\"315576000001s\"",
                                        "\"9999999999999s\"",
                                        "\"1.0000000001s\"",
                                        "1"};

    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_same(&google_protobuf_duration_type, same[i]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_invalid(&google_protobuf_duration_type, wrong[i], "", "expected a duration");
    }
    assert_becomes(&google_protobuf_duration_type, "\"1.5s\"", "\"1.500s\"");
}

TEST(field_masks_are_paths_in_camel_case)
{
    everything_same("{\"aMask\":\"a,user.displayName,b1C\"}");
    everything_same("{\"aMask\":\"\"}");
    everything_invalid("{\"aMask\":\"a_b\"}", "aMask", "expected paths in camelCase");
    everything_invalid("{\"aMask\":\"a,\"}", "aMask", "expected paths in camelCase");
    everything_invalid("{\"aMask\":[]}", "aMask", "expected a string of paths");
    Test__V1__Everything *message = decode_everything("{\"aMask\":\"user.displayName,x\"}");
    assert_int_equal(message->a_mask->n_paths, 2);
    assert_string_equal(message->a_mask->paths[0], "user.display_name");
    misas_message_free(&message->base);
}

TEST(wrappers_are_their_value)
{
    everything_same("{\"aDoubleValue\":0,\"aFloatValue\":0.5,\"anInt64Value\":\"0\","
                    "\"aUint64Value\":\"1\",\"anInt32Value\":0,\"aUint32Value\":1,"
                    "\"aBoolValue\":false,\"aStringValue\":\"\",\"aBytesValue\":\"AA==\","
                    "\"int64Values\":[\"1\",\"0\"]}");
    everything_invalid("{\"anInt32Value\":\"x\"}", "anInt32Value", "expected an integer");
}

TEST(structs_values_and_lists_are_any_json)
{
    everything_same("{\"aStruct\":{\"a\":null,\"b\":[1,\"x\",true,{}],\"c\":{\"d\":-0.5}},"
                    "\"aValue\":null,\"aList\":[null,[],{\"\":1}],\"anEmpty\":{},"
                    "\"values\":[null,false,\"\"]}");
    everything_invalid("{\"aStruct\":[]}", "aStruct", "expected an object");
    everything_invalid("{\"aList\":{}}", "aList", "expected a list");
    everything_invalid("{\"anEmpty\":{\"a\":1}}", "anEmpty", "has no field \"a\"");
    assert_same(&google_protobuf_value_type, "[1,{\"a\":null}]");
    assert_same(&google_protobuf_value_type, "null");
}

TEST(any_is_refused_both_ways)
{
    Test__V1__Everything message = TEST__V1__EVERYTHING__INIT;
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    char *json = NULL;

    message.an_any = &any;
    misas_error *error =
        misas_json_encode(&json, NULL, &test_v1_everything_type, &message.base, NULL);
    assert_string_equal(misas_error_data(error, "field"), "anAny");
    assert_error_says(error, MISAS_ERROR_UNENCODABLE, "anAny: google.protobuf.Any has no JSON");
    everything_invalid("{\"anAny\":{\"@type\":\"x\"}}", "anAny", "google.protobuf.Any has no JSON");
}

TEST(what_has_no_json_is_not_written)
{
    Test__V1__Everything message = TEST__V1__EVERYTHING__INIT;
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Google__Protobuf__Duration duration = GOOGLE__PROTOBUF__DURATION__INIT;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    Google__Protobuf__Value value = GOOGLE__PROTOBUF__VALUE__INIT;
    char broken[] = "\xFF";
    char camel[] = "aB";
    char *paths[] = {camel};
    char *json = NULL;

    message.a_string = broken;
    assert_error_says(misas_json_encode(&json, NULL, &test_v1_everything_type, &message.base, NULL),
                      MISAS_ERROR_UNENCODABLE, "a_string: a text is not UTF-8");
    test__v1__everything__init(&message);
    time.nanos = 1000000000;
    message.a_timestamp = &time;
    assert_error_says(misas_json_encode(&json, NULL, &test_v1_everything_type, &message.base, NULL),
                      MISAS_ERROR_UNENCODABLE, "aTimestamp: a timestamp is not within");
    time.nanos = 0;
    time.seconds = INT64_MAX;
    assert_error_says(misas_json_encode(&json, NULL, &test_v1_everything_type, &message.base, NULL),
                      MISAS_ERROR_UNENCODABLE, "aTimestamp: a timestamp is not within");
    test__v1__everything__init(&message);
    duration.seconds = 1;
    duration.nanos = -1;
    message.a_duration = &duration;
    assert_error_says(misas_json_encode(&json, NULL, &test_v1_everything_type, &message.base, NULL),
                      MISAS_ERROR_UNENCODABLE, "aDuration: a duration has two signs");
    test__v1__everything__init(&message);
    mask.n_paths = 1;
    mask.paths = paths;
    message.a_mask = &mask;
    assert_error_says(misas_json_encode(&json, NULL, &test_v1_everything_type, &message.base, NULL),
                      MISAS_ERROR_UNENCODABLE, "aMask: a path of a field mask");
    test__v1__everything__init(&message);
    value.kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE;
    value.number_value = (double)NAN;
    message.a_value = &value;
    assert_error_says(misas_json_encode(&json, NULL, &test_v1_everything_type, &message.base, NULL),
                      MISAS_ERROR_UNENCODABLE, "aValue: a number is not finite");
}

TEST(proto2_tells_not_set_from_its_default)
{
    ProtobufCMessage *message = NULL;

    assert_same(&test_v1_legacy_type,
                "{\"name\":\"\",\"number\":0,\"greeting\":\"hello\",\"count\":7,\"salt\":\"\","
                "\"size\":\"LARGE\",\"plain\":\"\",\"flag\":false,\"choiceString\":\"\","
                "\"ratio\":0,\"plainBytes\":\"\"}");
    assert_same(&test_v1_legacy_type, "{\"name\":\"n\",\"number\":1,\"numbers\":[1],\"parts\":"
                                      "[{\"content\":\"\",\"size\":\"SMALL\"}]}");
    assert_no_error(decode(&message, &test_v1_legacy_type, "{\"name\":\"\",\"number\":0}"));
    Test__V1__Legacy *legacy = (Test__V1__Legacy *)message;
    assert_string_equal(legacy->greeting, "hello");
    assert_int_equal(legacy->count, 7);
    assert_memory_equal(legacy->salt.data, "salt", 4);
    misas_message_free(message);
}

TEST(a_missing_required_field_is_refused)
{
    assert_invalid(&test_v1_legacy_type, "{\"name\":\"\"}", "number", "is required, and missing");
    assert_invalid(&test_v1_legacy_type, "{\"name\":null,\"number\":1}", "name", "is required");
    assert_invalid(&test_v1_legacy_type,
                   "{\"name\":\"\",\"number\":1,\"parts\":[{\"content\":\"\"}]}", "parts[0].size",
                   "is required");
}

TEST(an_unknown_field_is_refused_by_name)
{
    everything_invalid("{\"aLine\":{\"%s\":1}}", "aLine",
                       "test.v1.Everything.Line has no field \"%s\"");
}

TEST(a_field_under_both_its_names_is_refused)
{
    everything_invalid("{\"aString\":\"\",\"a_string\":\"\"}", "aString",
                       "is there twice, also as a_string");
}

TEST(personal_fields_can_be_redacted)
{
    Test__V1__Everything *message =
        decode_everything("{\"aString\":\"a\",\"owner\":\"Ann\",\"owners\":[\"Bob\"],"
                          "\"otherString\":\"Cid\",\"itself\":{\"owner\":\"Dan\"}}");
    misas_json_options options = {.redact_personal = true};
    char *json = NULL;

    assert_no_error(
        misas_json_encode(&json, NULL, &test_v1_everything_type, &message->base, &options));
    assert_string_equal(json, "{\"aString\":\"a\",\"itself\":{\"owner\":\"REDACTED\"},"
                              "\"owner\":\"REDACTED\",\"owners\":\"REDACTED\","
                              "\"otherString\":\"REDACTED\"}");
    free(json);
    misas_message_free(&message->base);
}

TEST(defaults_can_be_written_and_the_whole_indented)
{
    Bank__Accounts__V1__MoneyDeposited message = BANK__ACCOUNTS__V1__MONEY_DEPOSITED__INIT;
    Bank__Accounts__V1__MoneyDeposited__CashDesk desk =
        BANK__ACCOUNTS__V1__MONEY_DEPOSITED__CASH_DESK__INIT;
    Test__V1__Everything everything = TEST__V1__EVERYTHING__INIT;
    misas_json_options options = {.write_defaults = true, .is_indented = true};
    const misas_type *type = &bank_accounts_v1_money_deposited_type;
    char *json = NULL;

    assert_no_error(misas_json_encode(&json, NULL, type, &message.base, &options));
    assert_string_equal(json, "{\n  \"accountId\": \"\",\n  \"cents\": \"0\"\n}");
    free(json);
    options.write_defaults = false;
    message.at = &desk;
    assert_no_error(misas_json_encode(&json, NULL, type, &message.base, &options));
    assert_string_equal(json, "{\n  \"at\": {}\n}");
    free(json);
    options = (misas_json_options){.write_defaults = true};
    assert_no_error(
        misas_json_encode(&json, NULL, &test_v1_everything_type, &everything.base, &options));
    assert_non_null(strstr(json, "\"aColour\":\"COLOUR_UNSPECIFIED\",\"another-name\":\"\""));
    assert_non_null(strstr(json, "\"doubles\":[]"));
    assert_non_null(strstr(json, "\"byBool\":{}"));
    assert_null(strstr(json, "choice"));
    assert_null(strstr(json, "aLine"));
    free(json);
}

TEST(what_is_not_json_is_refused_with_line_and_column)
{
    assert_not_json("", 0, "line 1");
    assert_not_json("{\"aString\":\n x}", 16, "line 2");
    assert_not_json("{} {}", 5, "line 1");
    assert_not_json("{\"a\":1,}", 8, "line 1");
    assert_not_json("\xEF\xBB\xBF{}", 5, "line 1");
}

TEST(duplicate_keys_broken_utf8_lone_surrogates_nul_and_1e400_are_refused)
{
    static const char *const cases[] = {
        "{\"aString\":\"\",\"aString\":\"\"}",
        "{\"aString\":\"\xFF\"}",
        "{\"aString\":\"\xED\xA0\x80\"}",
        "{\"\xC3\":\"\"}",
        "{\"aString\":\"\\ud800\"}",
        "{\"aString\":\"\\udc00\\ud800\"}",
        "{\"aString\":\"a\\u0000b\"}",
        "{\"a\\u0000\":1}",
        "{\"aDouble\":1e400}",
        "{\"aDouble\":-1e400}",
        "{\"anInt64\":99999999999999999999}",
        "{\"aDouble\":NaN}",
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_not_json(cases[i], strlen(cases[i]), "line 1");
    }
    assert_not_json("{\"aString\":\"\0\"}", 15, "line 1");
    assert_not_json("{}\0", 3, "line 1");
    assert_not_json(cases[0], strlen(cases[0]), "duplicate object key");
}

TEST(a_million_levels_are_refused_at_once)
{
    enum { levels = 1000000 };
    char *json = malloc(levels);
    ProtobufCMessage *message = NULL;

    assert_non_null(json);
    memset(json, '[', levels);
    int64_t start_ms = test_now_ms();
    misas_error *error =
        misas_json_decode(&message, &google_protobuf_value_type, json, levels, NULL);
    assert_string_equal(misas_error_data(error, "limit"), "max_depth");
    assert_error_is(error, MISAS_ERROR_LIMIT_EXCEEDED);
    assert_true(test_now_ms() - start_ms < 50);
    free(json);
}

/* {"nest":{"nest":… `depth` messages, the first included. */
static char *nested_json(size_t depth)
{
    misas__text text = {0};
    char *json = NULL;

    for (size_t i = 1; i < depth; i++) {
        misas__text_append_string(&text, "{\"nests\":[");
    }
    misas__text_append_string(&text, "{}");
    for (size_t i = 1; i < depth; i++) {
        misas__text_append_string(&text, "]}");
    }
    assert_no_error(misas__text_finish(&json, NULL, &text));
    return json;
}

TEST(json_nests_as_deep_as_bytes_do)
{
    static const struct {
        size_t max_depth;
        size_t depth;
    } cases[] = {{0, 100}, {7, 7}, {1000, 1000}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        misas_decode_limits limits = {.max_depth = cases[i].max_depth};
        ProtobufCMessage *message = NULL;
        char *json = nested_json(cases[i].depth);
        char *written = NULL;

        assert_no_error(
            misas_json_decode(&message, &test_v1_nest_type, json, strlen(json), &limits));
        assert_no_error(misas_json_encode(&written, NULL, &test_v1_nest_type, message, NULL));
        assert_string_equal(written, json);
        misas_message_free(message);
        free(json);
        free(written);
        json = nested_json(cases[i].depth + 1);
        assert_error_is(
            misas_json_decode(&message, &test_v1_nest_type, json, strlen(json), &limits),
            MISAS_ERROR_LIMIT_EXCEEDED);
        free(json);
    }
}

TEST(size_and_count_are_limited)
{
    misas_decode_limits few = {.max_elements = 3};
    misas_decode_limits small = {.max_bytes = 3};
    ProtobufCMessage *message = NULL;

    assert_error_says(misas_json_decode(&message, &google_protobuf_value_type, "\"ab\"", 4, &small),
                      MISAS_ERROR_LIMIT_EXCEEDED, "max_bytes of 3");
    assert_error_says(misas_json_decode(&message, &google_protobuf_value_type, "[1,2,3]", 7, &few),
                      MISAS_ERROR_LIMIT_EXCEEDED, "max_elements of 3");
}

TEST(a_hostile_multitude_needs_bounded_memory)
{
    misas_decode_limits limits = {.max_elements = 10000000};
    misas__text text = {0};
    ProtobufCMessage *message = NULL;

    misas__text_append_string(&text, "[");
    for (int i = 0; i < 700000; i++) {
        misas__text_append_string(&text, "{},");
    }
    misas__text_append_string(&text, "{}]");
    assert_error_says(
        misas_json_decode(&message, &google_protobuf_value_type, text.bytes, text.size, &limits),
        MISAS_ERROR_LIMIT_EXCEEDED, "limit memory");
    misas__text_free(&text);
}
