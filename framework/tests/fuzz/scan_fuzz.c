/* What the scan accepts unpacks, packs, and is the same afterwards; and so it is as JSON, if it has
 * a JSON. */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void pack_again(const misas_type *type, const ProtobufCMessage *message)
{
    ProtobufCMessage *decoded = NULL;
    void *first = NULL;
    void *second = NULL;
    size_t first_size = 0;
    size_t second_size = 0;

    must_not_fail(misas_message_encode(&first, &first_size, type, message), "packing");
    must_not_fail(misas_message_decode(&decoded, type, first, first_size, NULL),
                  "unpacking what was packed");
    must_not_fail(misas_message_encode(&second, &second_size, type, decoded), "packing again");
    must_be_true(first_size == second_size && memcmp(first, second, first_size) == 0,
                 "the same bytes are packed again");
    free(first);
    free(second);
    misas_message_free(decoded);
}

static void write_json(const misas_type *type, const ProtobufCMessage *message)
{
    static const misas_json_options options = {.redact_personal = true, .write_defaults = true};
    char *json = NULL;
    misas_error *error = misas_json_encode(&json, NULL, type, message, &options);

    free(json);
    if (error != NULL) {
        must_be_refusal(error);
        return;
    }
    json = fuzz_json(type, message);
    fuzz_json_is_stable(type, json);
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const misas_type *type = fuzz_type(size > 0 ? bytes[0] : 0);
    const uint8_t *rest = size > 0 ? bytes + 1 : bytes;
    size_t rest_size = size > 0 ? size - 1 : 0;
    ProtobufCMessage *message = NULL;
    misas_error *error = misas_message_scan(type, rest, rest_size, NULL);

    if (error != NULL) {
        must_be_refusal(error);
        must_be_refusal(misas_message_decode(&message, type, rest, rest_size, NULL));
        return 0;
    }
    must_not_fail(misas_message_decode(&message, type, rest, rest_size, NULL), "unpacking");
    pack_again(type, message);
    write_json(type, message);
    misas_message_free(message);
    return 0;
}
