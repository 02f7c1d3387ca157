/* JSON that is read is written, and read again as the same message; and so it is over the wire. */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void go_over_the_wire(const misas_type *type, const ProtobufCMessage *message,
                             const char *json)
{
    ProtobufCMessage *received = NULL;
    void *packed = NULL;
    size_t size = 0;

    must_not_fail(misas_message_encode(&packed, &size, type, message), "packing");
    must_not_fail(misas_message_decode(&received, type, packed, size, NULL), "unpacking");
    char *json_received = fuzz_json(type, received);

    /* protobuf-c does not pack a -0.0 that has no presence. */
    must_be_true(strstr(json, "-0.0") != NULL || strcmp(json, json_received) == 0,
                 "the wire changes nothing");
    free(json_received);
    free(packed);
    misas_message_free(received);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const misas_type *type = fuzz_type(size > 0 ? bytes[0] : 0);
    const char *text = (const char *)(size > 0 ? bytes + 1 : bytes);
    ProtobufCMessage *message = NULL;
    misas_error *error = misas_json_decode(&message, type, text, size > 0 ? size - 1 : 0, NULL);

    if (error != NULL) {
        must_be_refusal(error);
        return 0;
    }
    char *json = fuzz_json(type, message);

    fuzz_json_is_stable(type, json);
    go_over_the_wire(type, message, json);
    free(json);
    misas_message_free(message);
    return 0;
}
