#include "bus/bus.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bus/errors.h"
#include "bus/waiter.h"
#include "clock/monotonic.h"
#include "envelope/digest.h"
#include "memory/growth.h"

enum { default_timeout_ms = 30000 };

static _Thread_local bool is_worker;

void misas__bus_enter_worker(void)
{
    is_worker = true;
}

bool misas__bus_is_worker(void)
{
    return is_worker;
}

misas_error *misas_bus_new_memory(misas_bus **out, const misas_bus_options *options)
{
    static const misas_bus_options defaults;
    const misas_bus_options *chosen = options != NULL ? options : &defaults;
    misas_bus *bus = calloc(1, sizeof *bus);
    char *source = strdup(chosen->source != NULL ? chosen->source : "/misas");

    if (bus == NULL || source == NULL) {
        free(bus);
        free(source);
        return misas_error_out_of_memory();
    }
    bus->source = source;
    bus->clock = chosen->clock;
    pthread_rwlock_init(&bus->lock, NULL);
    *out = bus;
    return NULL;
}

void misas_bus_free(misas_bus *bus)
{
    if (bus != NULL) {
        pthread_rwlock_destroy(&bus->lock);
        free(bus->consumers);
        free(bus->source);
        free(bus);
    }
}

static const misas__bus_consumer *find_consumer(const misas_bus *bus, const char *type)
{
    for (size_t i = 0; i < bus->count; i++) {
        if (misas__subsystem_find_handler(bus->consumers[i].subsystem, type) != NULL) {
            return &bus->consumers[i];
        }
    }
    return NULL;
}

static misas_kind kind_of(const misas__bus_consumer *consumer, const char *type)
{
    return misas__subsystem_find_handler(consumer->subsystem, type)->type->kind;
}

static misas_error *check_consumer(const misas_bus *bus, const misas__bus_consumer *consumer)
{
    const misas_subsystem *subsystem = consumer->subsystem;

    for (size_t i = 0; i < subsystem->handler_count; i++) {
        const char *type = subsystem->handlers[i].type->descriptor->name;

        if (find_consumer(bus, type) != NULL) {
            return misas__subsystem_invalid(subsystem->name, type,
                                            "another on the bus handles it already");
        }
    }
    return NULL;
}

static misas_error *add_consumer(misas_bus *bus, const misas__bus_consumer *consumer)
{
    misas_error *error = check_consumer(bus, consumer);
    misas__bus_consumer *items =
        error == NULL ? misas__grow(bus->consumers, bus->count, &bus->capacity, sizeof *items)
                      : NULL;

    if (items == NULL) {
        return error != NULL ? error : misas_error_out_of_memory();
    }
    bus->consumers = items;
    items[bus->count++] = *consumer;
    bus->generation++;
    return NULL;
}

misas_error *misas__bus_add_consumer(misas_bus *bus, const misas__bus_consumer *consumer)
{
    pthread_rwlock_wrlock(&bus->lock);
    misas_error *error = add_consumer(bus, consumer);

    pthread_rwlock_unlock(&bus->lock);
    return error;
}

void misas__bus_remove_consumer(misas_bus *bus, const void *self)
{
    size_t kept = 0;

    pthread_rwlock_wrlock(&bus->lock);
    for (size_t i = 0; i < bus->count; i++) {
        if (bus->consumers[i].self != self) {
            bus->consumers[kept++] = bus->consumers[i];
        }
    }
    bus->count = kept;
    bus->generation++;
    pthread_rwlock_unlock(&bus->lock);
}

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/). */
static size_t hash(const char *key)
{
    uint64_t value = UINT64_C(14695981039346656037);

    for (; *key != '\0'; key++) {
        value = (value ^ (unsigned char)*key) * UINT64_C(1099511628211);
    }
    return (size_t)(value ^ (value >> 32));
}

static misas_error *put(const misas__bus_consumer *consumer, misas__bus_item *item, int timeout_ms)
{
    const misas_envelope *envelope = item->envelope;
    const char *key = envelope->key != NULL ? envelope->key : envelope->id;
    misas__bus_queue *queue = consumer->queues[hash(key) % consumer->queue_count];

    item->kind = kind_of(consumer, envelope->type);

    /* A worker that waited for room would wait for itself. */
    switch (misas__bus_queue_put(queue, item, is_worker ? 0 : timeout_ms)) {
    case MISAS__PUT_FULL:
        return misas__bus_full(envelope);
    case MISAS__PUT_STOPPED:
        return misas__bus_stopped(envelope);
    default:
        return NULL;
    }
}

/* A text that lives as long as the envelope that is made with it. */
typedef struct id_text {
    char text[MISAS_UUID_TEXT_SIZE];
} id_text;

static void fill_envelope(misas_envelope *out, id_text *id, const misas_bus *bus,
                          const misas_type *type, const misas_send_options *options)
{
    *out = (misas_envelope){
        .id = options->id,
        .source = options->source != NULL ? options->source : bus->source,
        .type = type->descriptor->name,
        .type_version = type->version,
        .time_us = misas_clock_now_us(bus->clock),
        .metadata = options->metadata,
    };
    if (out->id == NULL) {
        out->id = misas_uuid_write(id->text, misas_uuid_new_v7());
    }
    if (out->metadata.correlation_id == NULL) {
        out->metadata.correlation_id = out->id;
    }
}

static void free_item(misas__bus_item *item)
{
    if (item != NULL) {
        free(item->envelope);
        free(item);
    }
}

/* A message as it goes through the queue. Takes the envelope. */
static misas_error *new_item(misas__bus_item **out, misas_envelope *envelope)
{
    misas__bus_item *item = calloc(1, sizeof *item);

    if (item == NULL) {
        free(envelope);
        return misas_error_out_of_memory();
    }
    item->envelope = envelope;
    misas_error *error = misas__envelope_digest(item->digest, envelope->type, envelope->payload,
                                                envelope->payload_size);

    if (error != NULL) {
        free_item(item);
        return error;
    }
    *out = item;
    return NULL;
}

static misas_error *pack(misas_envelope **out, misas_envelope *envelope, const misas_type *type,
                         const ProtobufCMessage *message)
{
    void *payload = NULL;
    misas_error *error = misas_message_encode(&payload, &envelope->payload_size, type, message);

    if (error != NULL) {
        return error;
    }
    envelope->payload = payload;
    error = misas_envelope_copy(out, envelope);
    free(payload);
    return error;
}

misas_error *misas__bus_pack(misas_envelope **out, const misas_bus *bus, const misas_type *type,
                             const ProtobufCMessage *message, const misas_send_options *options)
{
    misas_envelope envelope;
    id_text id;
    misas_error *error = NULL;

    fill_envelope(&envelope, &id, bus, type, options);
    if (type->key_field != NULL) {
        error = misas_message_key(&envelope.key, type, message);
    }
    if (error == NULL) {
        error = misas_envelope_validate(&envelope);
    }
    return error == NULL ? pack(out, &envelope, type, message) : error;
}

static misas_error *make_item(misas__bus_item **out, const misas_bus *bus, const misas_type *type,
                              const ProtobufCMessage *message, const misas_send_options *options)
{
    misas_envelope *envelope = NULL;
    misas_error *error = misas__bus_pack(&envelope, bus, type, message, options);

    return error == NULL ? new_item(out, envelope) : error;
}

static misas_error *send_to(const misas__bus_consumer *consumer, const misas_bus *bus,
                            const misas_type *type, const ProtobufCMessage *message,
                            const misas_send_options *options)
{
    misas__bus_item *item = NULL;
    int timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : default_timeout_ms;
    misas_error *error = make_item(&item, bus, type, message, options);

    if (error != NULL) {
        return error;
    }
    item->completion = options->completion;
    item->argument = options->argument;
    error = put(consumer, item, timeout_ms);
    if (error != NULL) {
        free_item(item);
    }
    return error;
}

misas_error *misas__bus_send_envelope(misas_bus *bus, const misas_envelope *envelope,
                                      const misas_send_options *options)
{
    misas_envelope *copy = NULL;
    misas__bus_item *item = NULL;
    misas_error *error = misas_envelope_copy(&copy, envelope);

    if (error == NULL) {
        error = new_item(&item, copy);
    }
    if (error != NULL) {
        return error;
    }
    item->completion = options->completion;
    item->argument = options->argument;
    pthread_rwlock_rdlock(&bus->lock);
    const misas__bus_consumer *consumer = find_consumer(bus, envelope->type);

    error = consumer != NULL ? put(consumer, item, options->timeout_ms)
                             : misas__bus_no_handler(envelope->type, "command");
    pthread_rwlock_unlock(&bus->lock);
    if (error != NULL) {
        free_item(item);
    }
    return error;
}

static const misas_send_options no_options;

misas_error *misas_bus_send(misas_bus *bus, const misas_type *type, const ProtobufCMessage *message,
                            const misas_send_options *options)
{
    misas_error *error = misas__bus_check_kind(type, MISAS_KIND_COMMAND);

    if (error != NULL) {
        return error;
    }
    pthread_rwlock_rdlock(&bus->lock);
    const misas__bus_consumer *consumer = find_consumer(bus, type->descriptor->name);

    error = consumer != NULL
                ? send_to(consumer, bus, type, message, options != NULL ? options : &no_options)
                : misas__bus_no_handler(type->descriptor->name, "command");

    pthread_rwlock_unlock(&bus->lock);
    return error;
}

misas_error *misas_bus_send_and_wait(misas_reply **out, misas_bus *bus, const misas_type *type,
                                     const ProtobufCMessage *message,
                                     const misas_send_options *options)
{
    misas_send_options waited_for = options != NULL ? *options : no_options;
    int timeout_ms = waited_for.timeout_ms > 0 ? waited_for.timeout_ms : default_timeout_ms;
    int64_t deadline_ms = misas__monotonic_ms() + timeout_ms;
    char id[MISAS_UUID_TEXT_SIZE];
    misas__bus_waiter *waiter = NULL;

    if (is_worker) {
        return misas__bus_would_block(type->descriptor->name);
    }
    if (waited_for.id == NULL) {
        waited_for.id = misas_uuid_write(id, misas_uuid_new_v7());
    }
    misas_error *error = misas__bus_waiter_new(&waiter);

    if (error != NULL) {
        return error;
    }
    waited_for.completion = misas__bus_waiter_complete;
    waited_for.argument = waiter;
    error = misas_bus_send(bus, type, message, &waited_for);
    if (error != NULL) {
        misas__bus_waiter_abandon(waiter);
        return error;
    }
    return misas__bus_waiter_wait(
        out, waiter, deadline_ms,
        &(misas_envelope){.type = type->descriptor->name, .id = waited_for.id});
}

static misas_error *ask_consumer(misas_reply **out, const misas__bus_consumer *consumer,
                                 const misas_envelope *envelope, const ProtobufCMessage *query)
{
    misas_reply *reply = NULL;
    misas_error *error = consumer->ask(&reply, consumer->self, envelope, query);

    if (error == NULL && out != NULL) {
        *out = reply;
    } else {
        free(reply);
    }
    return error;
}

misas_error *misas_bus_ask(misas_reply **out, misas_bus *bus, const misas_type *type,
                           const ProtobufCMessage *query, const misas_send_options *options)
{
    misas_envelope envelope;
    id_text id;
    misas_error *error = misas__bus_check_kind(type, MISAS_KIND_QUERY);

    if (error == NULL) {
        fill_envelope(&envelope, &id, bus, type, options != NULL ? options : &no_options);
        error = misas_envelope_validate(&envelope);
    }
    if (error != NULL) {
        return error;
    }
    pthread_rwlock_rdlock(&bus->lock);
    const misas__bus_consumer *consumer = find_consumer(bus, type->descriptor->name);

    error = consumer != NULL ? ask_consumer(out, consumer, &envelope, query)
                             : misas__bus_no_handler(type->descriptor->name, "query");
    pthread_rwlock_unlock(&bus->lock);
    return error;
}
