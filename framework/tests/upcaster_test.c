#include "misas/upcaster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "misas/event_store.h"
#include "misas/schema.h"
#include "support/test.h"
#include "support/wire.h"

/* --- Protobuf bytes as text: "1:5 2:{1:'abc' 3:f7} 4:d8" is varint, message with bytes and
 * fixed32, fixed64. --- */

static const char *write_fields(wire *out, const char *at);

static const char *write_fixed(wire *out, uint32_t field, const char *at)
{
    size_t size = *at == 'f' ? 4 : 8;
    char *end = NULL;
    uint64_t number = strtoull(at + 1, &end, 10);

    wire_add_tag(out, field, *at == 'f' ? wire_32bit : wire_64bit);
    for (size_t i = 0; i < size; i++) {
        misas__text_append(out, (const char[]){(char)(number >> (8 * i))}, 1);
    }
    return end;
}

static const char *write_value(wire *out, uint32_t field, const char *at)
{
    char *end = NULL;

    if (*at == '\'') {
        const char *close = strchr(at + 1, '\'');

        wire_add_bytes(out, field, at + 1, (size_t)(close - at) - 1);
        return close + 1;
    }
    if (*at == '{') {
        wire inner = {0};

        at = write_fields(&inner, at + 1);
        wire_add_message(out, field, &inner);
        return at + 1;
    }
    if (*at == 'f' || *at == 'd') {
        return write_fixed(out, field, at);
    }
    wire_add_varint(out, field, strtoull(at, &end, 10));
    return end;
}

static const char *write_fields(wire *out, const char *at)
{
    while (*at != '\0' && *at != '}') {
        char *end = NULL;
        uint32_t field = (uint32_t)strtoul(at, &end, 10);

        at = write_value(out, field, end + 1);
        at += strspn(at, " ");
    }
    return at;
}

static wire fields(const char *text)
{
    wire bytes = {0};

    write_fields(&bytes, text);
    return bytes;
}

static void assert_payload(const misas_event *event, const char *text)
{
    wire expected = fields(text);

    assert_int_equal(event->payload_size, expected.size);
    if (expected.size > 0) {
        assert_memory_equal(event->payload, expected.bytes, expected.size);
    }
    misas__text_free(&expected);
}

/* --- A store that upcasts what is appended to it --- */

typedef struct upcasting {
    misas_upcasters *upcasters;
    misas_event_store *store;
    misas_event_reader *reader;
} upcasting;

static upcasting open_upcasting(const misas_upcaster *upcasters, size_t count)
{
    upcasting made = {0};

    assert_no_error(misas_upcasters_new(&made.upcasters));
    for (size_t i = 0; i < count; i++) {
        misas_upcasters_add(made.upcasters, &upcasters[i]);
    }
    assert_no_error(misas_upcasters_check(made.upcasters));
    assert_no_error(misas_event_store_new_memory(
        &made.store, &(misas_event_store_options){.upcasters = made.upcasters}));
    return made;
}

#define OPEN(upcasters) open_upcasting((upcasters), sizeof(upcasters) / sizeof((upcasters)[0]))

static void close_upcasting(upcasting *made)
{
    misas_event_reader_free(made->reader);
    misas_event_store_free(made->store);
    misas_upcasters_free(made->upcasters);
}

static void append_bytes(upcasting *to, const char *type, uint32_t type_version, const void *bytes,
                         size_t size)
{
    const misas_new_event event = {
        .type = type, .type_version = type_version, .payload = bytes, .payload_size = size};

    assert_no_error(
        misas_event_store_append(NULL, to->store, "account-1", MISAS_ANY_VERSION, &event, 1));
}

static void append(upcasting *to, const char *type, uint32_t type_version, const char *text)
{
    wire bytes = fields(text);

    append_bytes(to, type, type_version, bytes.bytes, bytes.size);
    misas__text_free(&bytes);
}

static misas_error *try_next(const misas_event **out, upcasting *from)
{
    if (from->reader == NULL) {
        assert_no_error(misas_event_store_read_all(&from->reader, from->store, NULL));
    }
    return misas_event_reader_next(out, from->reader);
}

/* The next event is of this type and version; lives until the next call. */
static const misas_event *assert_next(upcasting *from, const char *type, uint32_t type_version)
{
    const misas_event *event = NULL;

    assert_no_error(try_next(&event, from));
    assert_non_null(event);
    assert_string_equal(event->type, type);
    assert_int_equal(event->type_version, type_version);
    return event;
}

static void assert_end(upcasting *from)
{
    const misas_event *event = NULL;

    assert_no_error(try_next(&event, from));
    assert_null(event);
}

/* Types and versions read, in order: "a.B/2 a.C/1". */
static void assert_types_read(upcasting *from, const misas_read_options *options,
                              const char *expected)
{
    char read[500] = "";
    size_t used = 0;
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;

    assert_no_error(misas_event_store_read_all(&reader, from->store, options));
    assert_no_error(misas_event_reader_next(&event, reader));
    while (event != NULL) {
        used += (size_t)snprintf(read + used, sizeof read - used, "%s%s/%u", used > 0 ? " " : "",
                                 event->type, event->type_version);
        assert_no_error(misas_event_reader_next(&event, reader));
    }
    misas_event_reader_free(reader);
    assert_string_equal(read, expected);
}

/* The next read fails with an error behind which is one of this type. */
static void assert_fails(upcasting *from, const char *cause_type)
{
    const misas_event *event = NULL;
    misas_error *error = try_next(&event, from);

    assert_string_equal(misas_error_type(misas_error_cause(error)), cause_type);
    assert_error_is(error, MISAS_ERROR_UPCASTING_FAILED);
}

/* --- Steps --- */

#define STEPS(...) ((const misas_upcast_step[]){__VA_ARGS__, {.kind = MISAS_STEP_END}})

static void check_steps(const misas_upcast_step *steps, const char *stored, const char *expected)
{
    const misas_upcaster upcasters[] = {{.type = "a.B", .steps = steps}};
    upcasting made = OPEN(upcasters);

    append(&made, "a.B", 1, stored);
    assert_payload(assert_next(&made, "a.B", 2), expected);
    assert_end(&made);
    close_upcasting(&made);
}

TEST(a_step_removes_a_field_wherever_it_is)
{
    const misas_upcast_step *steps = STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {2}});

    check_steps(steps, "1:5 2:'x' 3:7", "1:5 3:7");
    check_steps(steps, "2:1 1:5 2:'x' 2:f3 3:7 2:{1:1}", "1:5 3:7");
    check_steps(steps, "2:1", "");
    check_steps(steps, "1:5 3:{2:1}", "1:5 3:{2:1}");
    check_steps(steps, "", "");
}

TEST(a_step_removes_a_field_of_a_submessage)
{
    const misas_upcast_step *steps = STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {2, 1}});

    check_steps(steps, "1:5 2:{1:1 2:2 1:3} 3:7", "1:5 2:{2:2} 3:7");
    check_steps(steps, "2:{1:1}", "2:{}");
    check_steps(steps, "1:5 3:{1:1}", "1:5 3:{1:1}");
}

TEST(a_step_goes_into_every_occurrence_of_a_repeated_submessage)
{
    const misas_upcast_step *removing = STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {2, 1}});
    const misas_upcast_step *adding =
        STEPS({.kind = MISAS_STEP_ADD_VARINT, .path = {2, 1}, .number = 9});
    const misas_upcast_step *moving =
        STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {2, 1}, .to_path = {4}});

    check_steps(removing, "2:{1:1 2:2} 1:5 2:{} 2:{1:3 2:4}", "2:{2:2} 1:5 2:{} 2:{2:4}");
    check_steps(adding, "2:{1:1} 1:5 2:{2:4} 2:{}", "2:{1:1} 1:5 2:{2:4 1:9} 2:{1:9}");
    check_steps(moving, "2:{1:1 2:2} 1:5 2:{1:3}", "2:{2:2} 1:5 2:{} 4:1 4:3");
}

TEST(a_path_is_up_to_four_fields_long)
{
    check_steps(STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {1, 2, 3, 4}}),
                "1:{2:{3:{4:1 5:2} 4:3} 4:4} 4:5", "1:{2:{3:{5:2} 4:3} 4:4} 4:5");
    check_steps(STEPS({.kind = MISAS_STEP_ADD_VARINT, .path = {1, 2, 3, 4}, .number = 7}), "",
                "1:{2:{3:{4:7}}}");
}

TEST(a_step_moves_a_field)
{
    const misas_upcast_step *steps =
        STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {4}});

    check_steps(steps, "1:5 2:6", "2:6 4:5");
    check_steps(steps, "1:'abc'", "4:'abc'");
    check_steps(steps, "1:f4294967295 2:6", "2:6 4:f4294967295");
    check_steps(steps, "1:d18446744073709551615", "4:d18446744073709551615");
    check_steps(steps, "1:18446744073709551615", "4:18446744073709551615");
    check_steps(steps, "2:6", "2:6");
}

TEST(a_step_moves_all_values_of_a_repeated_field_in_their_order)
{
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {4}}),
                "1:'a' 2:6 1:'b' 4:'x' 1:'c'", "2:6 4:'x' 4:'a' 4:'b' 4:'c'");
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 1}}),
                "1:'a' 2:{1:'x'} 1:'b'", "2:{1:'x' 1:'a' 1:'b'}");
}

TEST(a_step_moves_a_field_into_and_out_of_submessages)
{
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 3}}), "1:5",
                "2:{3:5}");
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 3}}), "2:6",
                "2:6");
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 3, 4}}),
                "2:{7:1} 1:'a'", "2:{7:1 3:{4:'a'}}");
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {2, 3}, .to_path = {1}}),
                "2:{3:5 4:6}", "2:{4:6} 1:5");
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {2}, .to_path = {1, 2}}),
                "2:{3:5 4:6}", "1:{2:{3:5 4:6}}");
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {2, 3}, .to_path = {2, 4}}),
                "2:{3:5}", "2:{4:5}");
}

TEST(a_step_moves_a_field_into_the_last_occurrence_of_a_repeated_submessage)
{
    check_steps(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 3}}),
                "1:5 2:{4:1} 2:{4:2}", "2:{4:1} 2:{4:2 3:5}");
}

TEST(a_step_adds_a_number_where_there_is_none)
{
    const misas_upcast_step *steps =
        STEPS({.kind = MISAS_STEP_ADD_VARINT, .path = {3}, .number = 300});

    check_steps(steps, "", "3:300");
    check_steps(steps, "1:5", "1:5 3:300");
    check_steps(steps, "3:1 1:5", "3:1 1:5");
    check_steps(steps, "3:'text'", "3:'text'");
    check_steps(STEPS({.kind = MISAS_STEP_ADD_VARINT, .path = {3}}), "1:5", "1:5 3:0");
    check_steps(STEPS({.kind = MISAS_STEP_ADD_VARINT, .path = {2, 3}, .number = UINT64_MAX}),
                "2:{1:1}", "2:{1:1 3:18446744073709551615}");
}

TEST(a_step_adds_a_text_where_there_is_none)
{
    const misas_upcast_step *steps =
        STEPS({.kind = MISAS_STEP_ADD_BYTES, .path = {3}, .text = "EUR"});

    check_steps(steps, "1:5", "1:5 3:'EUR'");
    check_steps(steps, "3:'USD' 1:5", "3:'USD' 1:5");
    check_steps(steps, "3:''", "3:''");
    check_steps(STEPS({.kind = MISAS_STEP_ADD_BYTES, .path = {2, 3}, .text = ""}), "", "2:{3:''}");
}

/* Writes the number as a text, and reads a text of digits as a number. */
static misas_error *retype(misas_upcast *upcast, misas_wire_value *value, void *argument)
{
    (void)argument;
    if (value->wire_type == wire_delimited) {
        char digits[32] = "";

        memcpy(digits, value->bytes, value->size);
        *value = (misas_wire_value){.wire_type = wire_varint, .number = strtoull(digits, NULL, 10)};
        return NULL;
    }
    char *text = misas_upcast_allocate(upcast, 32);

    assert_non_null(text);
    snprintf(text, 32, "%llu", (unsigned long long)value->number);
    *value = (misas_wire_value){.wire_type = wire_delimited, .bytes = text, .size = strlen(text)};
    return NULL;
}

TEST(a_step_changes_values_and_their_wire_type)
{
    const misas_upcast_step *steps =
        STEPS({.kind = MISAS_STEP_CHANGE_FIELD, .path = {2}, .change = retype});

    check_steps(steps, "1:5 2:300 3:7", "1:5 2:'300' 3:7");
    check_steps(steps, "2:'300'", "2:300");
    check_steps(steps, "2:f4294967294", "2:'4294967294'");
    check_steps(steps, "2:d18446744073709551615", "2:'18446744073709551615'");
    check_steps(steps, "2:1 1:5 2:'2' 2:3", "2:'1' 1:5 2:2 2:'3'");
    check_steps(steps, "1:5", "1:5");
    check_steps(STEPS({.kind = MISAS_STEP_CHANGE_FIELD, .path = {1, 2}, .change = retype}),
                "1:{2:3} 2:4", "1:{2:'3'} 2:4");
}

/* Gives the value the wire type that `argument` is. */
static misas_error *set_wire_type(misas_upcast *upcast, misas_wire_value *value, void *argument)
{
    (void)upcast;
    value->wire_type = *(const uint8_t *)argument;
    return NULL;
}

static void check_wire_type(uint8_t wire_type, const char *expected)
{
    const misas_upcast_step *steps =
        STEPS({.kind = MISAS_STEP_CHANGE_FIELD, .path = {1}, .change = set_wire_type});
    const misas_upcaster upcasters[] = {{.type = "a.B", .steps = steps, .argument = &wire_type}};
    upcasting made = OPEN(upcasters);

    append(&made, "a.B", 1, "1:258");
    if (expected != NULL) {
        assert_payload(assert_next(&made, "a.B", 2), expected);
    } else {
        assert_fails(&made, MISAS_ERROR_UNENCODABLE);
    }
    close_upcasting(&made);
}

TEST(a_changed_value_must_have_a_wire_type_that_there_is)
{
    check_wire_type(wire_varint, "1:258");
    check_wire_type(wire_32bit, "1:f258");
    check_wire_type(wire_64bit, "1:d258");
    check_wire_type(wire_group, NULL);
    check_wire_type(4, NULL);
    check_wire_type(255, NULL);
}

static misas_error *refuse(misas_upcast *upcast, misas_wire_value *value, void *argument)
{
    (void)upcast;
    (void)value;
    (void)argument;
    return misas_error_new(&(misas_error_options){.type_name = "test.no", .message = "no"});
}

static upcasting open_refusing(void)
{
    static const misas_upcast_step steps[] = {
        {.kind = MISAS_STEP_CHANGE_FIELD, .path = {1}, .change = refuse}, {.kind = MISAS_STEP_END}};
    const misas_upcaster upcasters[] = {{.type = "a.B", .steps = steps}};

    return OPEN(upcasters);
}

TEST(steps_are_carried_out_in_their_order)
{
    const misas_upcast_step *steps =
        STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {1}},
              {.kind = MISAS_STEP_MOVE_FIELD, .path = {2}, .to_path = {1}},
              {.kind = MISAS_STEP_CHANGE_FIELD, .path = {1}, .change = retype},
              {.kind = MISAS_STEP_ADD_BYTES, .path = {2}, .text = "new"},
              {.kind = MISAS_STEP_MOVE_FIELD, .path = {2}, .to_path = {3, 1}});

    check_steps(steps, "1:5 2:6 4:7", "4:7 1:'6' 3:{1:'new'}");
}

TEST(steps_work_on_large_messages)
{
    const misas_upcast_step *steps =
        STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 2}});
    const misas_upcaster upcasters[] = {{.type = "a.B", .steps = steps}};
    upcasting made = OPEN(upcasters);
    wire stored = {0};
    wire inner = {0};
    wire expected = {0};

    for (uint64_t i = 0; i < 20000; i++) {
        wire_add_varint(&stored, 1, i);
        wire_add_text(&stored, 3, "kept");
        wire_add_varint(&inner, 2, i);
        wire_add_text(&expected, 3, "kept");
    }
    wire_add_message(&expected, 2, &inner);
    append_bytes(&made, "a.B", 1, stored.bytes, stored.size);
    const misas_event *event = assert_next(&made, "a.B", 2);

    assert_int_equal(event->payload_size, expected.size);
    assert_memory_equal(event->payload, expected.bytes, expected.size);
    misas__text_free(&stored);
    misas__text_free(&expected);
    close_upcasting(&made);
}

TEST(bytes_that_are_no_message_make_steps_fail)
{
    static const struct {
        const char *bytes;
        size_t size;
    } broken[] = {
        {"\x08", 1},                                              /* no value */
        {"\x08\x80", 2},                                          /* a number without an end */
        {"\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 12}, /* a number of 11 bytes */
        {"\x12\x05\x61", 3},                                      /* a text beyond the end */
        {"\x12\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 11},     /* one of 2^64 bytes */
        {"\x00\x01", 2},                                          /* field 0 */
        {"\x0B\x0C", 2},                                          /* a group */
        {"\x0E\x01", 2},                                          /* wire type 6 */
        {"\x0D\x01\x02\x03", 4},                                  /* a short fixed32 */
        {"\x09\x01\x02\x03\x04\x05\x06\x07", 8},                  /* a short fixed64 */
        {"\x1A\x02\x08", 3},                                      /* cut */
    };

    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        upcasting made = open_refusing();

        append_bytes(&made, "a.B", 1, broken[i].bytes, broken[i].size);
        assert_fails(&made, MISAS_ERROR_UNDECODABLE);
        close_upcasting(&made);
    }
}

static void check_path_is_blocked(const misas_upcast_step *steps, const char *stored)
{
    const misas_upcaster upcasters[] = {{.type = "a.B", .steps = steps}};
    upcasting made = OPEN(upcasters);

    append(&made, "a.B", 1, stored);
    assert_fails(&made, MISAS_ERROR_UNDECODABLE);
    close_upcasting(&made);
}

TEST(a_step_that_can_not_put_a_value_where_it_should_be_fails)
{
    check_path_is_blocked(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 1}}),
                          "1:5 2:6");
    check_path_is_blocked(STEPS({.kind = MISAS_STEP_ADD_VARINT, .path = {2, 1}}), "2:f6");
    check_path_is_blocked(STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {2, 1}}), "2:'abc'");
    check_steps(STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {2, 1}}), "2:6", "2:6");
}

/* --- Chains --- */

TEST(an_upcaster_without_steps_or_function_changes_type_and_version_only)
{
    const misas_upcaster upcasters[] = {
        {.type = "a.Renamed", .to_type = "b.New"},
        {.type = "a.Later"},
        {.type = "a.Both", .version = 3, .to_type = "b.Both", .to_version = 9},
    };
    upcasting made = OPEN(upcasters);

    append_bytes(&made, "a.Renamed", 1, "\xFF\x00", 2); /* not looked at */
    append(&made, "a.Later", 1, "1:5");
    append(&made, "a.Both", 3, "");
    append(&made, "a.Other", 1, "1:6");
    assert_memory_equal(assert_next(&made, "b.New", 1)->payload, "\xFF\x00", 2);
    assert_payload(assert_next(&made, "a.Later", 2), "1:5");
    assert_payload(assert_next(&made, "b.Both", 9), "");
    assert_payload(assert_next(&made, "a.Other", 1), "1:6");
    assert_end(&made);
    close_upcasting(&made);
}

TEST(upcasters_chain_from_whichever_version_is_stored)
{
    const misas_upcaster upcasters[] = {
        {.type = "a.B",
         .version = 2,
         .steps = STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {2}, .to_path = {3}})},
        {.type = "a.B",
         .version = 3,
         .to_type = "b.B",
         .steps = STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {3}, .to_path = {4}})},
        {.type = "a.B",
         .steps = STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2}})},
    };
    upcasting made = OPEN(upcasters);

    append(&made, "a.B", 1, "1:5");
    append(&made, "a.B", 2, "2:6");
    append(&made, "a.B", 3, "3:7");
    append(&made, "a.B", 4, "1:8");
    append(&made, "b.B", 1, "4:9");
    assert_payload(assert_next(&made, "b.B", 1), "4:5");
    assert_payload(assert_next(&made, "b.B", 1), "4:6");
    assert_payload(assert_next(&made, "b.B", 1), "4:7");
    assert_payload(assert_next(&made, "a.B", 4), "1:8");
    assert_payload(assert_next(&made, "b.B", 1), "4:9");
    close_upcasting(&made);
}

/* --- Functions --- */

static const char *const parts[] = {"a.Left", "a.Right", NULL};

static misas_error *split(misas_upcast *upcast, const misas_event *event, void *argument)
{
    char payload[] = "\x08\x01";
    misas_error *error = misas_upcast_emit(upcast, "a.Left", 0, payload, 2);

    (void)event;
    (void)argument;
    payload[1] = 2; /* what was emitted is copied */
    if (error == NULL) {
        error = misas_upcast_emit(upcast, "a.Right", 4, payload, 2);
    }
    return error != NULL ? error : misas_upcast_emit(upcast, NULL, 0, NULL, 0);
}

TEST(a_function_splits_an_event_into_several)
{
    const misas_upcaster upcasters[] = {{.type = "a.Pair",
                                         .to_type = "a.Rest",
                                         .to_version = 7,
                                         .function = split,
                                         .emits = parts}};
    upcasting made = OPEN(upcasters);

    append(&made, "a.Pair", 1, "9:9");
    const misas_event *event = assert_next(&made, "a.Left", 1);

    assert_payload(event, "1:1");
    assert_int_equal(event->part, 0);
    assert_int_equal(event->part_count, 3);
    event = assert_next(&made, "a.Right", 4);
    assert_payload(event, "1:2");
    assert_int_equal(event->part, 1);
    event = assert_next(&made, "a.Rest", 7);
    assert_payload(event, "");
    assert_int_equal(event->part, 2);
    assert_int_equal(event->part_count, 3);
    assert_end(&made);
    close_upcasting(&made);
}

TEST(what_a_function_emits_is_taken_by_the_next_upcaster)
{
    static const char *const inner[] = {"a.Left", "a.Right", NULL};
    const misas_upcaster upcasters[] = {
        {.type = "a.Pair", .to_type = "a.Rest", .function = split, .emits = parts},
        {.type = "a.Left",
         .to_type = "b.Left",
         .steps = STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2}})},
        {.type = "a.Rest", .to_type = "b.Rest", .function = split, .emits = inner},
    };
    upcasting made = OPEN(upcasters);

    append(&made, "a.Pair", 1, "");
    assert_types_read(&made, NULL, "b.Left/1 a.Right/4 b.Left/1 a.Right/4 b.Rest/1");
    for (uint32_t part = 0; part < 5; part++) {
        const misas_event *event = NULL;

        assert_no_error(try_next(&event, &made));
        assert_int_equal(event->part, part);
        assert_int_equal(event->part_count, 5);
    }
    close_upcasting(&made);
}

/* Emits an event of the type that `argument` is. */
static misas_error *emit_argument(misas_upcast *upcast, const misas_event *event, void *argument)
{
    return misas_upcast_emit(upcast, argument, 0, event->payload, event->payload_size);
}

TEST(a_function_emits_only_what_it_declares)
{
    char undeclared[] = "a.Undeclared";
    const misas_upcaster upcasters[] = {
        {.type = "a.B", .function = emit_argument, .emits = parts, .argument = undeclared}};
    upcasting made = OPEN(upcasters);

    append(&made, "a.B", 1, "");
    assert_fails(&made, MISAS_ERROR_UPCASTER_INVALID);
    close_upcasting(&made);
}

/* Passes on what it can see of the event. */
static misas_error *check_event(misas_upcast *upcast, const misas_event *event, void *argument)
{
    bool is_as_stored = strcmp(event->stream, "account-1") == 0 && event->version == 1 &&
                        event->position == 1 && strcmp(event->type, "a.B") == 0 &&
                        event->type_version == 1 &&
                        strcmp(event->metadata.correlation_id, "talk") == 0;

    *(bool *)argument = is_as_stored;
    return misas_upcast_emit(upcast, NULL, 0, NULL, 0);
}

TEST(a_function_sees_the_stored_event_and_its_place_and_metadata_stay)
{
    bool is_as_stored = false;
    const misas_upcaster upcasters[] = {
        {.type = "a.B", .to_type = "b.B", .function = check_event, .argument = &is_as_stored}};
    upcasting made = OPEN(upcasters);
    const misas_new_event stored = {.type = "a.B", .metadata = {.correlation_id = "talk"}};

    assert_no_error(
        misas_event_store_append(NULL, made.store, "account-1", MISAS_NO_STREAM, &stored, 1));
    const misas_event *event = assert_next(&made, "b.B", 1);

    assert_true(is_as_stored);
    assert_string_equal(event->stream, "account-1");
    assert_int_equal(event->version, 1);
    assert_int_equal(event->position, 1);
    assert_string_equal(event->metadata.correlation_id, "talk");
    close_upcasting(&made);
}

static misas_error *refuse_event(misas_upcast *upcast, const misas_event *event, void *argument)
{
    misas_error *error = misas_upcast_emit(upcast, NULL, 0, event->payload, event->payload_size);

    (void)argument;
    misas_error_free(error);
    return misas_error_new(
        &(misas_error_options){.type_name = "test.no", .message = "no", .tags = "retriable fatal"});
}

TEST(a_failing_function_names_the_stored_event_and_gives_out_none_of_its_parts)
{
    const misas_upcaster upcasters[] = {
        {.type = "a.Old", .version = 2, .to_type = "a.B"},
        {.type = "a.B", .to_type = "b.B", .function = refuse_event},
    };
    upcasting made = OPEN(upcasters);
    const misas_event *event = NULL;

    append(&made, "a.Other", 1, "");
    append(&made, "a.Old", 2, "");
    assert_next(&made, "a.Other", 1);
    misas_error *error = try_next(&event, &made);

    assert_null(event);
    assert_string_equal(misas_error_data(error, "type"), "a.Old");
    assert_string_equal(misas_error_data(error, "version"), "2");
    assert_string_equal(misas_error_data(error, "stream"), "account-1");
    assert_string_equal(misas_error_data(error, "position"), "2");
    assert_string_equal(misas_error_tags(error), "");
    assert_string_equal(misas_error_type(misas_error_cause(error)), "test.no");
    assert_error_is(error, MISAS_ERROR_UPCASTING_FAILED);
    close_upcasting(&made);
}

TEST(a_failing_change_keeps_its_own_error_as_the_cause)
{
    upcasting made = open_refusing();

    append(&made, "a.B", 1, "1:5");
    assert_fails(&made, "test.no");
    close_upcasting(&made);
}

TEST(an_event_that_a_function_emits_to_itself_is_a_circle)
{
    static const char *const itself[] = {"a.B", NULL};
    char type[] = "a.B";
    const misas_upcaster upcasters[] = {{.type = "a.B",
                                         .to_type = "b.B",
                                         .function = emit_argument,
                                         .emits = itself,
                                         .argument = type}};
    upcasting made = OPEN(upcasters);

    append(&made, "a.B", 1, "");
    assert_fails(&made, MISAS_ERROR_UPCASTER_INVALID);
    close_upcasting(&made);
}

/* --- Filters --- */

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

TEST(a_filter_tells_versions_of_one_stored_type_apart)
{
    const misas_upcaster upcasters[] = {{.type = "a.B", .to_type = "b.B"},
                                        {.type = "a.B", .version = 3, .to_type = "c.B"}};
    upcasting made = OPEN(upcasters);

    for (uint32_t version = 1; version <= 3; version++) {
        append(&made, "a.B", version, "");
    }
    append(&made, "b.B", 1, "");
    assert_types_read(&made, NULL, "b.B/1 a.B/2 c.B/1 b.B/1");
    assert_types_read(&made, &(misas_read_options){.select_types = LIST("a.B")}, "a.B/2");
    assert_types_read(&made, &(misas_read_options){.select_types = LIST("b.B")}, "b.B/1 b.B/1");
    assert_types_read(&made, &(misas_read_options){.exclude_types = LIST("a.B")},
                      "b.B/1 c.B/1 b.B/1");
    assert_types_read(&made, &(misas_read_options){.exclude_types = LIST("b.B", "c.B")}, "a.B/2");
    close_upcasting(&made);
}

TEST(a_filter_reaches_through_chains_and_what_functions_emit)
{
    const misas_upcaster upcasters[] = {
        {.type = "a.First", .to_type = "a.Second"},
        {.type = "a.Second", .to_type = "a.Pair"},
        {.type = "a.Pair", .to_type = "a.Rest", .function = split, .emits = parts},
        {.type = "a.Right", .version = 4, .to_type = "b.Right"},
    };
    upcasting made = OPEN(upcasters);

    append(&made, "a.First", 1, "");
    append(&made, "b.Other", 1, "");
    assert_types_read(&made, &(misas_read_options){.select_types = LIST("b.Right")}, "b.Right/1");
    assert_types_read(&made, &(misas_read_options){.select_types = LIST("a.Right", "b.Other")},
                      "b.Other/1");
    assert_types_read(&made, &(misas_read_options){.exclude_types = LIST("a.Left", "a.Rest")},
                      "b.Right/1 b.Other/1");
    assert_types_read(&made,
                      &(misas_read_options){.exclude_types = LIST("a.First", "a.Second", "a.Pair",
                                                                  "a.Left", "a.Rest", "a.Right")},
                      "b.Right/1 b.Other/1");
    assert_types_read(
        &made,
        &(misas_read_options){.exclude_types = LIST("a.First", "a.Second", "a.Pair", "a.Left",
                                                    "a.Rest", "a.Right", "b.Right")},
        "b.Other/1");
    close_upcasting(&made);
}

/* --- Mistakes in upcasters --- */

static void check_mistake(const misas_upcaster *upcasters, size_t count, const char *type,
                          const char *version, const char *text)
{
    misas_upcasters *made = NULL;
    misas_event_store *store = NULL;

    assert_no_error(misas_upcasters_new(&made));
    for (size_t i = 0; i < count; i++) {
        misas_upcasters_add(made, &upcasters[i]);
    }
    misas_error *error = misas_upcasters_check(made);

    assert_true(misas_error_has_tag(error, MISAS_TAG_VALIDATION));
    assert_non_null(misas_error_data(error, "type"));
    assert_string_equal(misas_error_data(error, "type"), type);
    assert_string_equal(misas_error_data(error, "version"), version);
    assert_error_says(error, MISAS_ERROR_UPCASTER_INVALID, text);
    assert_error_says(misas_upcasters_check(made), MISAS_ERROR_UPCASTER_INVALID, text);
    assert_error_says(
        misas_event_store_new_memory(&store, &(misas_event_store_options){.upcasters = made}),
        MISAS_ERROR_UPCASTER_INVALID, text);
    assert_null(store);
    misas_upcasters_free(made);
}

#define CHECK_MISTAKE(upcasters, type, version, text)                                         \
    check_mistake((upcasters), sizeof(upcasters) / sizeof((upcasters)[0]), (type), (version), \
                  (text))

TEST(no_upcasters_are_no_mistake)
{
    misas_upcasters *none = NULL;

    assert_no_error(misas_upcasters_check(NULL));
    assert_no_error(misas_upcasters_new(&none));
    assert_no_error(misas_upcasters_check(none));
    misas_upcasters_free(none);
    misas_upcasters_free(NULL);
}

TEST(two_upcasters_for_one_type_and_version_are_a_mistake)
{
    const misas_upcaster same[] = {{.type = "a.B", .version = 2, .to_type = "a.C"},
                                   {.type = "a.B", .version = 2, .to_type = "a.D"}};
    const misas_upcaster by_default[] = {{.type = "a.B"}, {.type = "a.B", .version = 1}};

    CHECK_MISTAKE(same, "a.B", "2", "there are two");
    CHECK_MISTAKE(by_default, "a.B", "1", "there are two");
}

TEST(the_first_mistake_is_the_one_reported)
{
    const misas_upcaster upcasters[] = {
        {.type = "a.B"}, {.type = "a.B"}, {.type = "a.C"}, {.type = "a.C"}, {.type = NULL}};

    CHECK_MISTAKE(upcasters, "a.B", "1", "there are two");
}

TEST(an_upcaster_must_name_the_type_it_takes)
{
    const misas_upcaster none[] = {{.to_type = "a.B"}};
    const misas_upcaster empty[] = {{.type = "", .to_type = "a.B"}};

    CHECK_MISTAKE(none, "", "0", "names no type");
    CHECK_MISTAKE(empty, "", "0", "names no type");
}

TEST(an_upcaster_has_either_steps_or_a_function)
{
    const misas_upcaster both[] = {{.type = "a.B",
                                    .steps = STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {1}}),
                                    .function = split}};
    const misas_upcaster emitting[] = {{.type = "a.B", .emits = parts}};

    CHECK_MISTAKE(both, "a.B", "1", "both");
    CHECK_MISTAKE(emitting, "a.B", "1", "only a function");
}

static void check_step_mistake(const misas_upcast_step *step, const char *text)
{
    const misas_upcast_step steps[] = {
        {.kind = MISAS_STEP_REMOVE_FIELD, .path = {1}}, *step, {.kind = MISAS_STEP_END}};
    const misas_upcaster upcasters[] = {{.type = "a.B", .steps = steps}};

    CHECK_MISTAKE(upcasters, "a.B", "1", text);
}

TEST(an_incomplete_step_is_a_mistake)
{
    check_step_mistake(&(misas_upcast_step){.kind = MISAS_STEP_REMOVE_FIELD}, "path");
    check_step_mistake(
        &(misas_upcast_step){.kind = MISAS_STEP_REMOVE_FIELD, .path = {1, 2, 3, 4, 5}}, "path");
    check_step_mistake(&(misas_upcast_step){.kind = MISAS_STEP_MOVE_FIELD, .path = {1}},
                       "path to move it to");
    check_step_mistake(&(misas_upcast_step){.kind = MISAS_STEP_MOVE_FIELD,
                                            .path = {1},
                                            .to_path = {1, 2, 3, 4, 5}},
                       "path");
    check_step_mistake(&(misas_upcast_step){.kind = MISAS_STEP_CHANGE_FIELD, .path = {1}},
                       "function");
    check_step_mistake(&(misas_upcast_step){.kind = MISAS_STEP_ADD_BYTES, .path = {1}}, "text");
}

TEST(a_step_of_no_kind_or_with_an_impossible_field_is_a_mistake)
{
    check_step_mistake(&(misas_upcast_step){.kind = (misas_upcast_step_kind)77, .path = {1}},
                       "kind");
    check_step_mistake(
        &(misas_upcast_step){.kind = MISAS_STEP_ADD_VARINT, .path = {1, UINT32_C(1) << 29}},
        "path");
    check_step_mistake(
        &(misas_upcast_step){.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {UINT32_MAX}},
        "path");
}

TEST(upcasters_that_chain_in_a_circle_are_a_mistake)
{
    const misas_upcaster itself[] = {{.type = "a.B", .version = 2, .to_version = 2}};
    const misas_upcaster two[] = {{.type = "a.B", .to_type = "a.C"},
                                  {.type = "a.C", .to_type = "a.B"}};
    const misas_upcaster three[] = {{.type = "a.B"},
                                    {.type = "a.B", .version = 2},
                                    {.type = "a.B", .version = 3, .to_version = 1}};

    CHECK_MISTAKE(itself, "a.B", "2", "circle");
    CHECK_MISTAKE(two, "a.B", "1", "circle");
    CHECK_MISTAKE(three, "a.B", "1", "circle");
}
