#include "envelope/digest.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "support/test.h"

static void assert_digest(const char *type, const void *payload, size_t size, const char *expected)
{
    uint8_t digest[misas__digest_size];
    char text[2 * misas__digest_size + 1];

    assert_no_error(misas__envelope_digest(digest, type, payload, size));
    for (size_t i = 0; i < sizeof digest; i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    assert_string_equal(text, expected);
}

static misas_uuid derive(const char *source, const char *id, uint32_t counter)
{
    misas_uuid uuid;

    assert_no_error(misas__derived_uuid(&uuid, source, id, counter));
    return uuid;
}

static void assert_id(misas_uuid uuid, const char *expected)
{
    char text[MISAS_UUID_TEXT_SIZE];

    assert_string_equal(misas_uuid_write(text, uuid), expected);
}

/* As sha256sum says of the type, a NUL and the payload. */
TEST(a_digest_is_the_sha256_of_type_nul_and_payload)
{
    unsigned char payload[200];

    for (size_t i = 0; i < sizeof payload; i++) {
        payload[i] = (unsigned char)i;
    }
    assert_digest("bank.accounts.v1.OpenAccount", payload, sizeof payload,
                  "f8c1270642337a5877bb75e3e4e029d008490730b390115ec046c9f043da9746");
    assert_digest("a", NULL, 0, "ffe9aaeaa2a2d5048174df0b80599ef0197ec024c4b051bc9860cff58ef7f9f3");
    assert_digest("a", "", 0, "ffe9aaeaa2a2d5048174df0b80599ef0197ec024c4b051bc9860cff58ef7f9f3");
    assert_digest("", NULL, 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(digests_differ_when_type_or_payload_does_also_if_joined_they_are_the_same)
{
    uint8_t first[misas__digest_size];
    uint8_t second[misas__digest_size];

    assert_no_error(misas__envelope_digest(first, "a.b", "cd", 2));
    assert_no_error(misas__envelope_digest(second, "a.b", "cd", 2));
    assert_memory_equal(first, second, sizeof first);
    assert_no_error(misas__envelope_digest(second, "a.bc", "d", 1));
    assert_memory_not_equal(first, second, sizeof first);
    assert_no_error(misas__envelope_digest(second, "a.b", "cd\0", 3));
    assert_memory_not_equal(first, second, sizeof first);
}

/* Such ids are in databases: they may never change. */
TEST(a_derived_id_is_what_it_has_always_been)
{
    assert_id(derive("/bank/accounts", "message-1", 0), "b4f7f56f-517a-86ac-82b6-bcc808411f06");
    assert_id(derive("/bank/accounts", "message-1", 0x01020304),
              "1789f1c8-dbdb-856d-beb0-1698a96162f9");
}

TEST(a_derived_id_is_the_same_however_often_it_is_made)
{
    misas_uuid first = derive("/bank/accounts", "message-1", 7);

    for (int i = 0; i < 100; i++) {
        assert_true(misas_uuid_equal(derive("/bank/accounts", "message-1", 7), first));
    }
}

TEST(derived_ids_differ_in_each_part_also_if_joined_they_are_the_same)
{
    const misas_uuid ids[] = {
        derive("/a", "b", 0),        derive("/a", "c", 0),        derive("/b", "b", 0),
        derive("/a", "b", 1),        derive("/ab", "", 0),        derive("", "/ab", 0),
        derive("/a", "bc", 0),       derive("/ab", "c", 0),       derive("/a", "b", 0x100),
        derive("/a", "b", 1U << 16), derive("/a", "b", 1U << 24), derive("/a", "b", UINT32_MAX),
    };
    size_t count = sizeof ids / sizeof ids[0];

    for (size_t i = 0; i < count; i++) {
        for (size_t k = i + 1; k < count; k++) {
            assert_false(misas_uuid_equal(ids[i], ids[k]));
        }
    }
}

TEST(a_derived_id_is_a_uuid_of_version_8)
{
    for (uint32_t i = 0; i < 1000; i++) {
        misas_uuid uuid = derive("/bank/accounts", "message-1", i);

        assert_int_equal(uuid.bytes[6] >> 4, 8);
        assert_int_equal(uuid.bytes[8] >> 6, 2);
    }
}

typedef struct deriving {
    pthread_t thread;
    misas_uuid last;
    misas_error *error;
} deriving;

static void *derive_many(void *argument)
{
    deriving *own = argument;

    for (uint32_t i = 0; i < 1000 && own->error == NULL; i++) {
        own->error = misas__derived_uuid(&own->last, "/bank/accounts", "message-1", i);
    }
    return NULL;
}

TEST(many_threads_may_derive_ids_at_once)
{
    deriving all[8] = {0};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_int_equal(pthread_create(&all[i].thread, NULL, derive_many, &all[i]), 0);
    }
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_int_equal(pthread_join(all[i].thread, NULL), 0);
        assert_no_error(all[i].error);
        assert_true(misas_uuid_equal(all[i].last, derive("/bank/accounts", "message-1", 999)));
    }
}
