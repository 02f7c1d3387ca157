#include "memory/growth.h"
#include "subsystem/subsystem.h"

struct misas_next {
    const misas_subsystem *subsystem;
    const misas__handler *handler;
    size_t from; /* the first middleware that has not been called */
};

static misas_error *add(misas_subsystem *subsystem, const misas__middleware *middleware)
{
    misas__middleware *items = misas__grow(subsystem->middlewares, subsystem->middleware_count,
                                           &subsystem->middleware_capacity, sizeof *items);

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    subsystem->middlewares = items;
    items[subsystem->middleware_count++] = *middleware;
    return NULL;
}

void misas_subsystem_add_middleware(misas_subsystem *subsystem, misas_kind kind,
                                    misas_middleware middleware, void *argument)
{
    misas_error *error =
        middleware != NULL && kind != MISAS_KIND_PART && kind != MISAS_KIND_DOCUMENT
            ? add(subsystem, &(misas__middleware){kind, middleware, argument})
            : misas__subsystem_invalid(subsystem->name, "middleware",
                                       "expected a function and a kind of message");

    misas__subsystem_keep_mistake(subsystem, error);
}

static misas_error *load_for_decision(misas_aggregate **out, misas_context *context,
                                      const misas__handler *handler, const char *id)
{
    switch (handler->decides_on) {
    case MISAS_DECIDES_ON_EXISTING:
        return misas_context_load(out, context, handler->aggregate, id);
    case MISAS_DECIDES_ON_NEW:
        return misas_context_add(out, context, handler->aggregate, id);
    default:
        return misas_context_load_or_add(out, context, handler->aggregate, id);
    }
}

static misas_error *decide(const misas__handler *handler, misas_context *context,
                           const ProtobufCMessage *message)
{
    misas_aggregate *aggregate = NULL;
    const char *id = NULL;
    misas_error *error = misas_message_key(&id, handler->type, message);

    if (error == NULL) {
        error = load_for_decision(&aggregate, context, handler, id);
    }
    return error == NULL ? handler->decide_invoker(handler->function, aggregate, message) : error;
}

misas_error *misas_next_call(const misas_next *next, misas_context *context,
                             const ProtobufCMessage *message)
{
    const misas_subsystem *subsystem = next->subsystem;
    const misas__handler *handler = next->handler;

    for (size_t i = next->from; i < subsystem->middleware_count; i++) {
        const misas__middleware *middleware = &subsystem->middlewares[i];

        if (middleware->kind == handler->type->kind) {
            const misas_next after = {subsystem, handler, i + 1};

            return middleware->function(context, message, &after, middleware->argument);
        }
    }
    return handler->aggregate != NULL ? decide(handler, context, message)
                                      : handler->invoker(handler->function, context, message);
}

misas_error *misas__call_handler(const misas_subsystem *subsystem, const misas__handler *handler,
                                 misas_context *context, const ProtobufCMessage *message)
{
    const misas_next first = {subsystem, handler, 0};

    return misas_next_call(&first, context, message);
}
