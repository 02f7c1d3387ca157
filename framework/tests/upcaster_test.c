/* Chains of upcasters, functions, and filters by what comes of them. */
#include <string.h>

#include "support/upcasting.h"

TEST(an_upcaster_without_steps_or_function_changes_type_and_version_only)
{
    const misas_upcaster upcasters[] = {
        {.type = "a.Renamed", .to_type = "b.New"},
        {.type = "a.Later"},
        {.type = "a.Both", .version = 3, .to_type = "b.Both", .to_version = 9},
    };
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append_bytes(&made, "a.Renamed", 1, "\xFF\x00", 2); /* not looked at */
    upcasting_append(&made, "a.Later", 1, "1:5");
    upcasting_append(&made, "a.Both", 3, "");
    upcasting_append(&made, "a.Other", 1, "1:6");
    assert_memory_equal(upcasting_assert_next(&made, "b.New", 1)->payload, "\xFF\x00", 2);
    upcasting_assert_payload(upcasting_assert_next(&made, "a.Later", 2), "1:5");
    upcasting_assert_payload(upcasting_assert_next(&made, "b.Both", 9), "");
    upcasting_assert_payload(upcasting_assert_next(&made, "a.Other", 1), "1:6");
    upcasting_assert_end(&made);
    upcasting_close(&made);
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
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.B", 1, "1:5");
    upcasting_append(&made, "a.B", 2, "2:6");
    upcasting_append(&made, "a.B", 3, "3:7");
    upcasting_append(&made, "a.B", 4, "1:8");
    upcasting_append(&made, "b.B", 1, "4:9");
    upcasting_assert_payload(upcasting_assert_next(&made, "b.B", 1), "4:5");
    upcasting_assert_payload(upcasting_assert_next(&made, "b.B", 1), "4:6");
    upcasting_assert_payload(upcasting_assert_next(&made, "b.B", 1), "4:7");
    upcasting_assert_payload(upcasting_assert_next(&made, "a.B", 4), "1:8");
    upcasting_assert_payload(upcasting_assert_next(&made, "b.B", 1), "4:9");
    upcasting_close(&made);
}

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
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.Pair", 1, "9:9");
    const misas_event *event = upcasting_assert_next(&made, "a.Left", 1);

    upcasting_assert_payload(event, "1:1");
    assert_int_equal(event->part, 0);
    assert_int_equal(event->part_count, 3);
    event = upcasting_assert_next(&made, "a.Right", 4);
    upcasting_assert_payload(event, "1:2");
    assert_int_equal(event->part, 1);
    event = upcasting_assert_next(&made, "a.Rest", 7);
    upcasting_assert_payload(event, "");
    assert_int_equal(event->part, 2);
    assert_int_equal(event->part_count, 3);
    upcasting_assert_end(&made);
    upcasting_close(&made);
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
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.Pair", 1, "");
    upcasting_assert_types_read(&made, NULL, "b.Left/1 a.Right/4 b.Left/1 a.Right/4 b.Rest/1");
    for (uint32_t part = 0; part < 5; part++) {
        const misas_event *event = NULL;

        assert_no_error(upcasting_try_next(&event, &made));
        assert_int_equal(event->part, part);
        assert_int_equal(event->part_count, 5);
    }
    upcasting_close(&made);
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
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.B", 1, "");
    upcasting_assert_fails(&made, MISAS_ERROR_UPCASTER_INVALID);
    upcasting_close(&made);
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
    upcasting made = UPCASTING_OPEN(upcasters);
    const misas_new_event stored = {.type = "a.B", .metadata = {.correlation_id = "talk"}};

    assert_no_error(
        misas_event_store_append(NULL, made.store, "account-1", MISAS_NO_STREAM, &stored, 1));
    const misas_event *event = upcasting_assert_next(&made, "b.B", 1);

    assert_true(is_as_stored);
    assert_string_equal(event->stream, "account-1");
    assert_int_equal(event->version, 1);
    assert_int_equal(event->position, 1);
    assert_string_equal(event->metadata.correlation_id, "talk");
    upcasting_close(&made);
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
    upcasting made = UPCASTING_OPEN(upcasters);
    const misas_event *event = NULL;

    upcasting_append(&made, "a.Other", 1, "");
    upcasting_append(&made, "a.Old", 2, "");
    upcasting_assert_next(&made, "a.Other", 1);
    misas_error *error = upcasting_try_next(&event, &made);

    assert_null(event);
    assert_string_equal(misas_error_data(error, "type"), "a.Old");
    assert_string_equal(misas_error_data(error, "version"), "2");
    assert_string_equal(misas_error_data(error, "stream"), "account-1");
    assert_string_equal(misas_error_data(error, "position"), "2");
    assert_string_equal(misas_error_tags(error), "");
    assert_string_equal(misas_error_type(misas_error_cause(error)), "test.no");
    assert_error_is(error, MISAS_ERROR_UPCASTING_FAILED);
    upcasting_close(&made);
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
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.B", 1, "");
    upcasting_assert_fails(&made, MISAS_ERROR_UPCASTER_INVALID);
    upcasting_close(&made);
}

/* Takes no notice of what goes wrong, and emits to itself twice: each step would double the work.
 */
static misas_error *emit_twice_regardless(misas_upcast *upcast, const misas_event *event,
                                          void *argument)
{
    (void)argument;
    for (int i = 0; i < 2; i++) {
        misas_error_free(misas_upcast_emit(upcast, event->type, 1, NULL, 0));
    }
    return NULL;
}

TEST(a_circle_that_branches_ends_though_its_function_takes_no_notice)
{
    static const char *const itself[] = {"a.B", NULL};
    const misas_upcaster upcasters[] = {
        {.type = "a.B", .to_type = "b.B", .function = emit_twice_regardless, .emits = itself}};
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.B", 1, "");
    upcasting_assert_fails(&made, MISAS_ERROR_UPCASTER_INVALID);
    upcasting_close(&made);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

TEST(a_filter_tells_versions_of_one_stored_type_apart)
{
    const misas_upcaster upcasters[] = {{.type = "a.B", .to_type = "b.B"},
                                        {.type = "a.B", .version = 3, .to_type = "c.B"}};
    upcasting made = UPCASTING_OPEN(upcasters);

    for (uint32_t version = 1; version <= 3; version++) {
        upcasting_append(&made, "a.B", version, "");
    }
    upcasting_append(&made, "b.B", 1, "");
    upcasting_assert_types_read(&made, NULL, "b.B/1 a.B/2 c.B/1 b.B/1");
    upcasting_assert_types_read(&made, &(misas_read_options){.select_types = LIST("a.B")}, "a.B/2");
    upcasting_assert_types_read(&made, &(misas_read_options){.select_types = LIST("b.B")},
                                "b.B/1 b.B/1");
    upcasting_assert_types_read(&made, &(misas_read_options){.exclude_types = LIST("a.B")},
                                "b.B/1 c.B/1 b.B/1");
    upcasting_assert_types_read(&made, &(misas_read_options){.exclude_types = LIST("b.B", "c.B")},
                                "a.B/2");
    upcasting_close(&made);
}

TEST(a_filter_reaches_through_chains_and_what_functions_emit)
{
    const misas_upcaster upcasters[] = {
        {.type = "a.First", .to_type = "a.Second"},
        {.type = "a.Second", .to_type = "a.Pair"},
        {.type = "a.Pair", .to_type = "a.Rest", .function = split, .emits = parts},
        {.type = "a.Right", .version = 4, .to_type = "b.Right"},
    };
    upcasting made = UPCASTING_OPEN(upcasters);

    upcasting_append(&made, "a.First", 1, "");
    upcasting_append(&made, "b.Other", 1, "");
    upcasting_assert_types_read(&made, &(misas_read_options){.select_types = LIST("b.Right")},
                                "b.Right/1");
    upcasting_assert_types_read(
        &made, &(misas_read_options){.select_types = LIST("a.Right", "b.Other")}, "b.Other/1");
    upcasting_assert_types_read(&made,
                                &(misas_read_options){.exclude_types = LIST("a.Left", "a.Rest")},
                                "b.Right/1 b.Other/1");
    upcasting_assert_types_read(
        &made,
        &(misas_read_options){
            .exclude_types = LIST("a.First", "a.Second", "a.Pair", "a.Left", "a.Rest", "a.Right")},
        "b.Right/1 b.Other/1");
    upcasting_assert_types_read(
        &made,
        &(misas_read_options){.exclude_types = LIST("a.First", "a.Second", "a.Pair", "a.Left",
                                                    "a.Rest", "a.Right", "b.Right")},
        "b.Other/1");
    upcasting_close(&made);
}
