/* Mistakes in upcasters are found before anything is read. */
#include <string.h>

#include "support/upcasting.h"

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

static misas_error *drop(misas_upcast *upcast, const misas_event *event, void *argument)
{
    (void)upcast;
    (void)event;
    (void)argument;
    return NULL;
}

TEST(an_upcaster_has_either_steps_or_a_function)
{
    static const char *const types[] = {"a.Left", NULL};
    const misas_upcaster both[] = {{.type = "a.B",
                                    .steps = STEPS({.kind = MISAS_STEP_REMOVE_FIELD, .path = {1}}),
                                    .function = drop}};
    const misas_upcaster emitting[] = {{.type = "a.B", .emits = types}};

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
    const unsigned no_kind = 77;
    misas_upcast_step step = {.path = {1}};

    memcpy(&step.kind, &no_kind, sizeof step.kind);
    check_step_mistake(&step, "kind");
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
