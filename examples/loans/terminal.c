#include "terminal.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { longest_error = 1000 };

typedef struct terminal {
    const misas_schema *schema;
    misas_system *system;
} terminal;

/* The name may have its package before it, or not. */
static misas_error *find_type(const misas_type **out, const misas_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->type_count; i++) {
        const ProtobufCMessageDescriptor *descriptor = schema->types[i]->descriptor;

        if (strcmp(descriptor->short_name, name) == 0 || strcmp(descriptor->name, name) == 0) {
            *out = schema->types[i];
            return NULL;
        }
    }
    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_UNKNOWN_TYPE,
                               .data = (misas_field[]){{"type", name}, {NULL, NULL}},
                               .tags = MISAS_TAG_NOT_FOUND},
        "there is no message %s", name);
}

static misas_error *print_content(const terminal *self, const misas_reply *reply)
{
    const misas_type *type = NULL;
    ProtobufCMessage *message = NULL;
    char *json = NULL;
    misas_error *error = find_type(&type, self->schema, reply->type);

    if (error == NULL) {
        error = misas_message_decode(&message, type, reply->payload, reply->payload_size, NULL);
    }
    if (error == NULL) {
        error = misas_json_encode(&json, NULL, type, message, NULL);
    }
    if (error == NULL) {
        puts(json);
    }
    free(json);
    misas_message_free(message);
    return error;
}

static misas_error *send(misas_reply **out, const terminal *self, const misas_type *type,
                         const char *json)
{
    misas_bus *bus = misas_system_bus(self->system);
    ProtobufCMessage *message = NULL;
    misas_error *error = misas_json_decode(&message, type, json, strlen(json), NULL);

    if (error == NULL) {
        error = type->kind == MISAS_KIND_QUERY
                    ? misas_bus_ask(out, bus, type, message, NULL)
                    : misas_bus_send_and_wait(out, bus, type, message, NULL);
    }
    misas_message_free(message);
    return error;
}

/* The first word names the message; the rest is its content. */
static misas_error *answer(const terminal *self, char *line)
{
    char *json = line + strcspn(line, " ");
    const misas_type *type = NULL;
    misas_reply *reply = NULL;

    if (*json != '\0') {
        *json++ = '\0';
    }
    misas_error *error = find_type(&type, self->schema, line);

    if (error == NULL) {
        error = send(&reply, self, type, json);
    }
    if (error == NULL && reply->type != NULL) {
        error = print_content(self, reply);
    } else if (error == NULL) {
        puts("done");
    }
    free(reply);
    return error;
}

static void print_and_free(misas_error *error)
{
    char text[longest_error];

    if (error != NULL) {
        misas_error_write(text, sizeof text, error);
        printf("%s: %s\n", misas_error_type(error), text);
    }
    misas_error_free(error);
}

/* Whether there is some, before the system stops. */
static bool wait_for_input(const misas_stop *stop)
{
    struct pollfd polled[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                              {.fd = misas_stop_file(stop), .events = POLLIN}};

    if (isatty(STDIN_FILENO)) {
        printf("> ");
    }
    fflush(stdout);
    return poll(polled, 2, -1) > 0 && !misas_stop_is_given(stop);
}

static misas_error *run(misas_system *system, const misas_stop *stop, void *argument)
{
    const terminal self = {.schema = argument, .system = system};
    char *line = NULL;
    size_t size = 0;

    setvbuf(stdin, NULL, _IONBF, 0); /* or poll would not know of what is in the buffer */
    while (wait_for_input(stop) && getline(&line, &size, stdin) != -1) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0') {
            print_and_free(answer(&self, line));
        }
    }
    free(line);
    misas_system_request_stop(system, NULL);
    return NULL;
}

void terminal_register(misas_system *system, const misas_schema *schema)
{
    misas_system_add_entry_point(
        system, &(misas_entry_point){
                    .name = "terminal", .run = run, .argument = (void *)(uintptr_t)schema});
}
