/* Upcasting by steps on the fields of protobuf messages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "misas/schema.h"
#include "support/upcasting.h"
#include "support/wire.h"

static void check_steps(const misas_upcast_step *steps, const char *stored, const char *expected)
{
    const misas_upcaster upcasters[] = {{.type = "a.B", .steps = steps}};
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.B", 1, stored);
    upcasting_assert_payload(upcasting_assert_next(&made, "a.B", 2), expected);
    upcasting_assert_end(&made);
    upcasting_close(&made);
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
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.B", 1, "1:258");
    if (expected != NULL) {
        upcasting_assert_payload(upcasting_assert_next(&made, "a.B", 2), expected);
    } else {
        upcasting_assert_fails(&made, MISAS_ERROR_UNENCODABLE);
    }
    upcasting_close(&made);
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

    return UPCASTING_OPEN(upcasters);
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
    upcasting made = UPCASTING_OPEN(upcasters);
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
    upcasting_append_bytes(&made, "a.B", 1, stored.bytes, stored.size);
    const misas_event *event = upcasting_assert_next(&made, "a.B", 2);

    assert_int_equal(event->payload_size, expected.size);
    assert_memory_equal(event->payload, expected.bytes, expected.size);
    misas__text_free(&stored);
    misas__text_free(&expected);
    upcasting_close(&made);
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

        upcasting_append_bytes(&made, "a.B", 1, broken[i].bytes, broken[i].size);
        upcasting_assert_fails(&made, MISAS_ERROR_UNDECODABLE);
        upcasting_close(&made);
    }
}

TEST(a_failing_change_keeps_its_own_error_as_the_cause)
{
    upcasting made = open_refusing();

    upcasting_append(&made, "a.B", 1, "1:5");
    upcasting_assert_fails(&made, "test.no");
    upcasting_close(&made);
}

static void check_path_is_blocked(const misas_upcast_step *steps, const char *stored)
{
    const misas_upcaster upcasters[] = {{.type = "a.B", .steps = steps}};
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.B", 1, stored);
    upcasting_assert_fails(&made, MISAS_ERROR_UNDECODABLE);
    upcasting_close(&made);
}

TEST(a_step_that_can_not_put_a_value_where_it_should_be_fails)
{
    check_path_is_blocked(STEPS({.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 1}}),
                          "1:5 2:6");
    check_path_is_blocked(STEPS({.kind = MISAS_STEP_ADD_VARINT, .path = {2, 1}}), "2:f6");
    check_path_is_blocked(STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {2, 1}}), "2:'abc'");
    check_steps(STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {2, 1}}), "2:6", "2:6");
}
