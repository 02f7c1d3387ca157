/* What is stored stays as it was appended. */
#include <string.h>

#include "contract/fixture_postgresql.h"
#include "contract/words.h"

static const misas_upcast_step steps[] = {
    {.kind = MISAS_STEP_MOVE_FIELD, .path = {1}, .to_path = {2, 3}},
    {.kind = MISAS_STEP_ADD_VARINT, .path = {4}, .number = 7},
    {.kind = MISAS_STEP_END},
};

static void assert_row_is(PGconn *connection, const char *expected)
{
    PGresult *result =
        PQexec(connection, "select string_agg(concat_ws(' ', stream, version, type, type_version,"
                           " encode(payload, 'hex')), '; ' order by position) from events");

    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    assert_string_equal(PQgetvalue(result, 0, 0), expected);
    PQclear(result);
}

TEST(reading_with_upcasters_leaves_what_is_stored_as_it_was)
{
    static const misas_upcaster upcaster = {
        .type = "test.v1.Old", .to_type = "test.v2.New", .steps = steps};
    misas_event_store *plain = fixture_open(NULL);
    misas_upcasters *upcasters = NULL;
    PGconn *connection = fixture_connect(plain);
    const misas_new_event event = {.type = "test.v1.Old", .payload = "\x08\x05", .payload_size = 2};
    event_list list;

    assert_no_error(misas_upcasters_new(&upcasters));
    misas_upcasters_add(upcasters, &upcaster);
    misas_event_store *upcasting =
        fixture_open_second(plain, &(misas_event_store_options){.upcasters = upcasters});

    assert_no_error(misas_event_store_append(NULL, upcasting, "a", MISAS_NO_STREAM, &event, 1));
    event_list_read(&list, upcasting, "a", NULL);
    assert_string_equal(list.events[0]->type, "test.v2.New");
    assert_int_equal(list.events[0]->payload_size, 6);
    assert_memory_equal(list.events[0]->payload, "\x12\x02\x18\x05\x20\x07", 6);
    event_list_free(&list);
    assert_row_is(connection, "a 1 test.v1.Old 1 0805");
    event_list_read(&list, plain, "a", NULL);
    assert_string_equal(list.events[0]->type, "test.v1.Old");
    assert_memory_equal(list.events[0]->payload, "\x08\x05", 2);
    event_list_free(&list);
    PQfinish(connection);
    misas_event_store_free(upcasting);
    misas_upcasters_free(upcasters);
    fixture_close(plain);
}
