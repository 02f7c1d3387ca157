#include "testing/example.h"

#include <stdlib.h>
#include <string.h>

#include "memory/arena.h"
#include "misas/json.h"
#include "schema/member.h"
#include "schema/message.h"
#include "testing/compare.h"

const char *misas__example_name(const misas_example *example)
{
    return example->type->descriptor->name;
}

static ProtobufCMessage *complete(misas__arena *arena, const ProtobufCMessageDescriptor *descriptor,
                                  const void *message);

/* The messages of a list; NULL: there is no memory. */
static void *complete_list(misas__arena *arena, const ProtobufCFieldDescriptor *field,
                           void *const *messages, size_t count)
{
    void **copy = misas__arena_allocate(arena, (count + 1) * sizeof *copy);

    for (size_t i = 0; i < count && copy != NULL; i++) {
        copy[i] = complete(arena, field->descriptor, messages[i]);
        copy = copy[i] != NULL ? copy : NULL;
    }
    return copy;
}

/* False: there is no memory. */
static bool complete_messages(misas__arena *arena, ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field)
{
    void **member = misas__member_to_set(message, field);

    if (misas__field_count(message, field) == 0) {
        return true;
    }
    *member = field->label == PROTOBUF_C_LABEL_REPEATED
                  ? complete_list(arena, field, *member, misas__field_count(message, field))
                  : complete(arena, field->descriptor, *member);
    return *member != NULL;
}

/* A text that was left out: protobuf-c's own initialisers have "" there. */
static void complete_text(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const char **text = misas__member_to_set(message, field);

    if (field->label == PROTOBUF_C_LABEL_NONE && !misas__field_is_oneof(field) && *text == NULL) {
        *text = protobuf_c_empty_string;
    }
}

/* A copy with what protobuf-c's own initialisers put into a message, and into those within it;
 * NULL: there is no memory. */
static ProtobufCMessage *complete(misas__arena *arena, const ProtobufCMessageDescriptor *descriptor,
                                  const void *message)
{
    ProtobufCMessage *copy = misas__arena_allocate(arena, descriptor->sizeof_message);
    bool is_complete = copy != NULL;

    if (copy != NULL) {
        memcpy(copy, message, descriptor->sizeof_message);
        *copy = (ProtobufCMessage)PROTOBUF_C_MESSAGE_INIT(descriptor);
    }
    for (unsigned i = 0; i < descriptor->n_fields && is_complete; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];

        if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            is_complete = complete_messages(arena, copy, field);
        } else if (field->type == PROTOBUF_C_TYPE_STRING) {
            complete_text(copy, field);
        }
    }
    return is_complete ? copy : NULL;
}

misas_error *misas__example_pack(void **out, size_t *out_size, const misas_example *example)
{
    misas__arena arena = {0};
    const ProtobufCMessage *message = complete(&arena, example->type->descriptor, example->message);
    misas_error *error = message != NULL
                             ? misas_message_encode(out, out_size, example->type, message)
                             : misas_error_out_of_memory();

    misas__arena_free(&arena);
    return error;
}

misas_error *misas__example_message(ProtobufCMessage **out, const misas_example *example)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *error = misas__example_pack(&bytes, &size, example);

    if (error == NULL) {
        error = misas__message_decode_unlimited(out, example->type, bytes, size);
    }
    free(bytes);
    return error;
}

static misas_error *packed_to_json(char **out, const misas_type *type, const void *payload,
                                   size_t size)
{
    ProtobufCMessage *message = NULL;
    misas_error *error = misas__message_decode_unlimited(&message, type, payload, size);

    if (error == NULL) {
        error = misas_json_encode(out, NULL, type, message,
                                  &(misas_json_options){.write_defaults = true});
        misas_message_free(message);
    }
    return error;
}

static misas_error *to_json(char **out, const misas_example *example)
{
    void *bytes = NULL;
    size_t size = 0;
    misas_error *error = misas__example_pack(&bytes, &size, example);

    if (error == NULL) {
        error = packed_to_json(out, example->type, bytes, size);
    }
    free(bytes);
    return error;
}

static misas_error *compare_json(size_t *out_count, misas__text *text,
                                 const misas_example *expected, const misas__found_message *found)
{
    char *expected_json = NULL;
    char *found_json = NULL;
    misas_error *error = to_json(&expected_json, expected);

    if (error == NULL) {
        error = packed_to_json(&found_json, expected->type, found->payload, found->payload_size);
    }
    if (error == NULL) {
        error = misas__json_compare(out_count, text, expected_json, found_json);
    }
    free(expected_json);
    free(found_json);
    return error;
}

misas_error *misas__example_compare(size_t *out_count, misas__text *text,
                                    const misas_example *expected,
                                    const misas__found_message *found)
{
    const char *name = misas__example_name(expected);

    if (strcmp(name, found->type) != 0) {
        misas__text_append_format(text, "expected %s, found %s", name, found->type);
        *out_count = 1;
        return NULL;
    }
    if (expected->type->version != found->type_version) {
        misas__text_append_format(text, "expected version %u of %s, found version %u",
                                  (unsigned)expected->type->version, name,
                                  (unsigned)found->type_version);
        *out_count = 1;
        return NULL;
    }
    return compare_json(out_count, text, expected, found);
}

misas_error *misas__example_describe(misas__text *text, const misas_example *example)
{
    char *json = NULL;
    misas_error *error = to_json(&json, example);

    if (error == NULL) {
        misas__text_append_format(text, "%s %s", misas__example_name(example), json);
    }
    free(json);
    return error;
}
