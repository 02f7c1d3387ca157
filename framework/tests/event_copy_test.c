#include <stdlib.h>
#include <string.h>

#include "misas/event.h"
#include "support/test.h"

TEST(a_copy_of_an_event_outlives_what_it_was_copied_from)
{
    char stream[] = "account-1";
    char type[] = "bank.v1.Deposited";
    unsigned char payload[] = {8, 0, 255};
    char correlation_id[] = "conversation";
    char causation_id[] = "cause";
    char name[] = "user";
    char value[] = "ada";
    misas_field fields[] = {{name, value}, {"empty", ""}, {NULL, NULL}};
    misas_event event = {.position = 7,
                         .stream = stream,
                         .version = 3,
                         .id = {{1, 2, 3}},
                         .type = type,
                         .type_version = 2,
                         .recorded_at_us = -5,
                         .payload = payload,
                         .payload_size = sizeof payload,
                         .metadata = {correlation_id, causation_id, fields},
                         .part = 1,
                         .part_count = 4};
    misas_event *copy = NULL;

    assert_no_error(misas_event_copy(&copy, &event));
    memset(stream, 'x', 3);
    memset(type, 'x', 3);
    memset(payload, 'x', 3);
    memset(correlation_id, 'x', 3);
    memset(causation_id, 'x', 3);
    memset(name, 'x', 3);
    memset(value, 'x', 3);
    memset(fields, 0, sizeof fields);
    memset(&event, 0, sizeof event);

    assert_int_equal(copy->position, 7);
    assert_string_equal(copy->stream, "account-1");
    assert_int_equal(copy->version, 3);
    assert_int_equal(copy->id.bytes[2], 3);
    assert_string_equal(copy->type, "bank.v1.Deposited");
    assert_int_equal(copy->type_version, 2);
    assert_int_equal(copy->recorded_at_us, -5);
    assert_int_equal(copy->payload_size, 3);
    assert_memory_equal(copy->payload, ((unsigned char[]){8, 0, 255}), 3);
    assert_string_equal(copy->metadata.correlation_id, "conversation");
    assert_string_equal(copy->metadata.causation_id, "cause");
    assert_string_equal(copy->metadata.fields[0].name, "user");
    assert_string_equal(copy->metadata.fields[0].value, "ada");
    assert_string_equal(copy->metadata.fields[1].name, "empty");
    assert_string_equal(copy->metadata.fields[1].value, "");
    assert_null(copy->metadata.fields[2].name);
    assert_int_equal(copy->part, 1);
    assert_int_equal(copy->part_count, 4);
    free(copy);
}

TEST(what_an_event_does_not_have_its_copy_does_not_have_either)
{
    misas_event *copy = NULL;

    assert_no_error(misas_event_copy(&copy, &(misas_event){.stream = "s", .type = "t"}));
    assert_string_equal(copy->stream, "s");
    assert_string_equal(copy->type, "t");
    assert_null(copy->payload);
    assert_int_equal(copy->payload_size, 0);
    assert_null(copy->metadata.correlation_id);
    assert_null(copy->metadata.causation_id);
    assert_null(copy->metadata.fields);
    free(copy);
}

TEST(a_list_of_no_fields_stays_a_list)
{
    misas_event *copy = NULL;
    misas_event event = {
        .stream = "s", .type = "t", .metadata = {.fields = (misas_field[]){{NULL, NULL}}}};

    assert_no_error(misas_event_copy(&copy, &event));
    assert_non_null(copy->metadata.fields);
    assert_null(copy->metadata.fields[0].name);
    free(copy);
}

TEST(a_copy_may_be_copied)
{
    misas_event *first = NULL;
    misas_event *second = NULL;
    misas_event event = {.stream = "s",
                         .type = "t",
                         .payload = "",
                         .metadata = {.fields = (misas_field[]){{"n", "v"}, {NULL, NULL}}}};

    assert_no_error(misas_event_copy(&first, &event));
    assert_no_error(misas_event_copy(&second, first));
    free(first);
    assert_string_equal(second->stream, "s");
    assert_non_null(second->payload);
    assert_string_equal(misas_metadata_get(&second->metadata, "n"), "v");
    free(second);
}
