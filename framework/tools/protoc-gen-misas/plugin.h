/** The parts of protoc-gen-misas. Where memory runs out, the program says so and exits. */
#ifndef PROTOC_GEN_MISAS_PLUGIN_H
#define PROTOC_GEN_MISAS_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "google/protobuf/compiler/plugin.pb-c.h"
#include "text/text.h"

typedef Google__Protobuf__FileDescriptorProto file_descriptor;
typedef Google__Protobuf__DescriptorProto message_descriptor;
typedef Google__Protobuf__FieldDescriptorProto field_descriptor;
typedef Google__Protobuf__Compiler__CodeGeneratorRequest generator_request;

/** What the option (misas.command), (misas.event), … of a message says. */
typedef struct message_role {
    const char *option; /* "event"; NULL: it has none */
    const char *kind;   /* "MISAS_KIND_EVENT" */
    char *subsystem;    /* NULL: none stated */
    char *key;          /* NULL: none stated */
    char *collection;   /* NULL: none stated */
    char *reply;        /* NULL: none stated */
    uint32_t version;
} message_role;

/** A message of any file of the request, with its names in C. */
typedef struct message_type {
    const file_descriptor *file;
    const message_descriptor *descriptor;
    const field_descriptor **fields; /* by ascending number, as in protobuf-c's descriptor */
    char *full_name;                 /* "bank.v1.Account.Owner" */
    char *prefix;                    /* "bank_v1_account_owner" */
    char *macro;                     /* "BANK_V1_ACCOUNT_OWNER" */
    char *c_type;                    /* "Bank__V1__Account__Owner" */
    char *c_descriptor;              /* "bank__v1__account__owner__descriptor" */
    message_role role;
    const struct message_type *reply; /* what the role names as it; NULL: nothing */
} message_type;

typedef struct message_list {
    message_type *messages;
    size_t count;
} message_list;

/* message.c */
void message_list_fill(message_list *out, const generator_request *request);
void message_list_free(message_list *list);
const message_type *message_list_find(const message_list *list, const char *full_name);
/** Whether it stands within another message, as map entries do. */
bool message_is_nested(const message_type *message);
bool message_is_map_entry(const message_type *message);
/** The type of a field that is a message; NULL for any other field. */
const message_type *field_message(const message_list *list, const field_descriptor *field);

/* role.c */
/** Says what is wrong with the message's role, or returns NULL; free it with free(). */
char *role_read(message_role *out, const message_descriptor *message);
void role_free(message_role *role);
bool field_is_personal(const field_descriptor *field);

/* reply.c */
/** Finds the message that the role of a query names as its reply, if it does. Says what is wrong
 * with it, or returns NULL; free it with free(). */
char *reply_find(const message_type **out, const message_list *list, const message_type *query);

/* check.c */
/** Reads the roles of a file's messages. Says what is wrong with the file, naming it and the
 * message, or returns NULL; free it with free(). */
char *check_file(message_list *list, const file_descriptor *file);

/* name.c */
char *name_of_prefix(const char *full_name);
/** Of the prefix, in capitals. */
char *name_of_macro(const char *full_name);
char *name_of_c_type(const char *full_name);
char *name_of_descriptor(const char *full_name);
/** "bank/v1/events.proto" is "bank_v1_events_schema". */
char *name_of_schema(const char *file);
/** Without ".proto" and with another ending. */
char *name_of_file(const char *file, const char *ending);
/** A string constant of C, or NULL. */
void append_c_string(misas__text *text, const char *string);

/* generate.c */
char *generate_header(const message_list *list, const file_descriptor *file);
char *generate_source(const message_list *list, const file_descriptor *file);

/* glue_pieces.c */
/** What the typed functions of a message are for; of a message one of the first seven. */
enum glue_kind {
    GLUE_NONE = 0,
    GLUE_COMMAND = 1,
    GLUE_EVENT = 2,
    GLUE_PREDICTION = 4,
    GLUE_QUERY = 8,
    GLUE_REPLY = 16,
    GLUE_DOCUMENT = 32,
    GLUE_REPLIED_QUERY = 64, /* one that states its reply */
    GLUE_HANDLED = GLUE_COMMAND | GLUE_PREDICTION | GLUE_QUERY | GLUE_REPLIED_QUERY
};

/** One declaration of a header. */
typedef struct glue_piece {
    unsigned kinds;     /* of the messages that have it */
    const char *suffix; /* its name is the prefix of the message and this; NULL ends the list */
    const char *text;   /* with words to be replaced, as @prefix@ */
} glue_piece;

extern const glue_piece glue_pieces[];

/** The macro for tests; its name is that of no function. */
extern const char glue_example[];

/* glue.c */
/** Whether a handler can answer with it. */
bool message_is_reply(const message_type *message);
/** The library's headers that the typed functions of the file's messages need. */
void append_glue_includes(misas__text *text, const message_list *list, const file_descriptor *file);
void append_glue(misas__text *text, const message_type *message);
/** A name that both messages' glue would have, or NULL; free it with free(). */
char *find_glue_clash(const message_type *first, const message_type *second);

/* main.c */
void *allocate(size_t size);
char *finish(misas__text *text);

#endif
