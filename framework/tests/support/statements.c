#define _GNU_SOURCE /* RTLD_NEXT */

#include "support/statements.h"

#include <dlfcn.h>
#include <libpq-fe.h>
#include <stdatomic.h>
#include <string.h>

static struct {
    int nth;
    atomic_int sent;
    void (*act)(void *argument);
    void *argument;
} interruption;

void statements_interrupt(int nth, void (*act)(void *argument), void *argument)
{
    interruption.nth = nth;
    interruption.act = act;
    interruption.argument = argument;
    atomic_store(&interruption.sent, 0);
}

int statements_sent(void)
{
    return atomic_load(&interruption.sent);
}

int PQsendQueryPrepared(PGconn *connection, const char *name, int count, const char *const *values,
                        const int *sizes, const int *formats, int result_format)
{
    int (*send)(PGconn *, const char *, int, const char *const *, const int *, const int *, int);
    void *found = dlsym(RTLD_NEXT, "PQsendQueryPrepared");

    memcpy(&send, &found, sizeof send);
    if (atomic_fetch_add(&interruption.sent, 1) + 1 == interruption.nth &&
        interruption.act != NULL) {
        interruption.act(interruption.argument);
    }
    return send(connection, name, count, values, sizes, formats, result_format);
}
