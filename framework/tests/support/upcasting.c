#include "support/upcasting.h"

#include <stdio.h>
#include <string.h>

#include "support/wire_text.h"

void upcasting_assert_payload(const misas_event *event, const char *text)
{
    wire expected = wire_from_text(text);

    assert_int_equal(event->payload_size, expected.size);
    if (expected.size > 0) {
        assert_memory_equal(event->payload, expected.bytes, expected.size);
    }
    misas__text_free(&expected);
}

upcasting upcasting_open(const misas_upcaster *upcasters, size_t count)
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

void upcasting_close(upcasting *made)
{
    misas_event_reader_free(made->reader);
    misas_event_store_free(made->store);
    misas_upcasters_free(made->upcasters);
}

void upcasting_append_bytes(upcasting *to, const char *type, uint32_t type_version,
                            const void *bytes, size_t size)
{
    const misas_new_event event = {
        .type = type, .type_version = type_version, .payload = bytes, .payload_size = size};

    assert_no_error(
        misas_event_store_append(NULL, to->store, "account-1", MISAS_ANY_VERSION, &event, 1));
}

void upcasting_append(upcasting *to, const char *type, uint32_t type_version, const char *text)
{
    wire bytes = wire_from_text(text);

    upcasting_append_bytes(to, type, type_version, bytes.bytes, bytes.size);
    misas__text_free(&bytes);
}

misas_error *upcasting_try_next(const misas_event **out, upcasting *from)
{
    if (from->reader == NULL) {
        assert_no_error(misas_event_store_read_all(&from->reader, from->store, NULL));
    }
    return misas_event_reader_next(out, from->reader);
}

const misas_event *upcasting_assert_next(upcasting *from, const char *type, uint32_t type_version)
{
    const misas_event *event = NULL;

    assert_no_error(upcasting_try_next(&event, from));
    assert_non_null(event);
    assert_string_equal(event->type, type);
    assert_int_equal(event->type_version, type_version);
    return event;
}

void upcasting_assert_end(upcasting *from)
{
    const misas_event *event = NULL;

    assert_no_error(upcasting_try_next(&event, from));
    assert_null(event);
}

void upcasting_assert_types_read(upcasting *from, const misas_read_options *options,
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

void upcasting_assert_fails(upcasting *from, const char *cause_type)
{
    const misas_event *event = NULL;
    misas_error *error = upcasting_try_next(&event, from);

    assert_string_equal(misas_error_type(misas_error_cause(error)), cause_type);
    assert_error_is(error, MISAS_ERROR_UPCASTING_FAILED);
}
