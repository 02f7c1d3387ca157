/** Acting between two statements of a store. Whoever uses this has libpq's PQsendQueryPrepared
 * replaced for its program: every statement of a store passes through it, and none of a raw
 * session's. */
#ifndef MISAS_TESTS_STATEMENTS_H
#define MISAS_TESTS_STATEMENTS_H

/** From now on, calls `act` just before the store sends its nth statement, counted from 1; NULL:
 * only counts. */
void statements_interrupt(int nth, void (*act)(void *argument), void *argument);

/** How many were sent since statements_interrupt, or are being sent. */
int statements_sent(void);

#endif
