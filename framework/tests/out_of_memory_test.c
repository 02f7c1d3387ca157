#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "misas/json.h"
#include "support/test.h"
#include "test/v1/everything.misas.h"
#include "test/v1/legacy.misas.h"

/* The linker leads the library's calls here. */
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);

static size_t calls_until_failure; /* 0: none fails */

static bool fails(void)
{
    if (calls_until_failure == 0) {
        return false;
    }
    calls_until_failure--;
    return calls_until_failure == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

/* A step of which every allocation fails in turn; true when none was left to fail. */
typedef misas_error *(*step_function)(void);

static void fail_each_allocation_of(step_function step, const char *error_type)
{
    for (size_t i = 1;; i++) {
        calls_until_failure = i;
        misas_error *error = step();
        bool was_reached = calls_until_failure == 0;

        calls_until_failure = 0;
        if (!was_reached) {
            assert_no_error(error);
            return;
        }
        assert_non_null(error);
        assert_true(error_type == NULL || misas_error_is(error, error_type));
        misas_error_free(error);
    }
}

static const char json[] =
    "{\"aString\":\"a\",\"aBytes\":\"AAEC\",\"lines\":[{\"article\":\"b\"},{}],\"strings\":[\"c\"],"
    "\"doubles\":[1,\"2.5\"],\"byString\":{\"d\":\"e\"},\"byInt32\":{\"1\":2},\"byFixed64\":{\"1\":"
    "{}},"
    "\"choiceString\":\"f\",\"aMask\":\"g,hI\",\"aStruct\":{\"j\":[null,{\"k\":1}]},"
    "\"aStringValue\":\"l\",\"aTimestamp\":\"2024-02-29T12:30:00Z\"}";

static misas_error *read_and_write_json(void)
{
    ProtobufCMessage *message = NULL;
    char *written = NULL;
    misas_error *error =
        misas_json_decode(&message, &test_v1_everything_type, json, sizeof json - 1, NULL);

    if (error == NULL) {
        error = misas_json_encode(&written, NULL, &test_v1_everything_type, message, NULL);
    }
    misas_message_free(message);
    free(written);
    return error;
}

static misas_error *pack_and_unpack(void)
{
    Test__V1__Everything message = TEST__V1__EVERYTHING__INIT;
    Test__V1__Everything__Line line = TEST__V1__EVERYTHING__LINE__INIT;
    Test__V1__Everything__Line *lines[] = {&line, &line};
    ProtobufCMessage *unpacked = NULL;
    char text[] = "text";
    char *strings[] = {text, text};
    void *bytes = NULL;
    size_t size = 0;

    message.n_lines = 2;
    message.lines = lines;
    message.n_strings = 2;
    message.strings = strings;
    misas_error *error =
        misas_message_encode(&bytes, &size, &test_v1_everything_type, &message.base);

    if (error == NULL) {
        error = misas_message_decode(&unpacked, &test_v1_everything_type, bytes, size, NULL);
    }
    misas_message_free(unpacked);
    free(bytes);
    return error;
}

static misas_error *fill_a_registry(void)
{
    misas_type_registry *registry = NULL;
    misas_error *error = misas_type_registry_new(&registry);

    if (error == NULL) {
        error = misas_type_registry_add(registry, &test_v1_everything_schema);
    }
    misas_type_registry_free(registry);
    return error;
}

TEST(reading_and_writing_json_survives_the_failure_of_each_allocation)
{
    fail_each_allocation_of(read_and_write_json, MISAS_ERROR_OUT_OF_MEMORY);
}

/* jansson does not tell them from syntax errors. */
TEST(reading_json_survives_the_failure_of_the_parsers_allocations)
{
    json_set_alloc_funcs(__wrap_malloc, free);
    fail_each_allocation_of(read_and_write_json, NULL);
    json_set_alloc_funcs(malloc, free);
}

TEST(packing_and_unpacking_survive_the_failure_of_each_allocation)
{
    fail_each_allocation_of(pack_and_unpack, MISAS_ERROR_OUT_OF_MEMORY);
}

TEST(a_registry_survives_the_failure_of_each_allocation)
{
    fail_each_allocation_of(fill_a_registry, MISAS_ERROR_OUT_OF_MEMORY);
}
