/** Private: a thread that waits for the answer to what it sent. */
#ifndef MISAS_SRC_BUS_WAITER_H
#define MISAS_SRC_BUS_WAITER_H

#include "misas/bus.h"

/** Shared by the thread that waits and the message on its way: the last to leave frees it. */
typedef struct misas__bus_waiter misas__bus_waiter;

misas_error *misas__bus_waiter_new(misas__bus_waiter **out);

/** The completion of what was sent; its argument is the waiter. */
void misas__bus_waiter_complete(void *argument, const misas_reply *reply, misas_error *error);

/** Instead of waiting, when nothing was sent. */
void misas__bus_waiter_abandon(misas__bus_waiter *waiter);

/** Waits until the deadline, and leaves. `out` may be NULL. Errors: that of the answer;
 * MISAS_ERROR_NO_ANSWER, with the type and id of `sent`. */
misas_error *misas__bus_waiter_wait(misas_reply **out, misas__bus_waiter *waiter,
                                    int64_t deadline_ms, const misas_envelope *sent);

#endif
