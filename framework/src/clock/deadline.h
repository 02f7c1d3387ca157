/** Private: waiting for a condition until a deadline, by the monotonic clock: setting the machine's
 * clock neither shortens nor lengthens a wait. */
#ifndef MISAS_SRC_CLOCK_DEADLINE_H
#define MISAS_SRC_CLOCK_DEADLINE_H

#include <pthread.h>
#include <time.h>

struct timespec misas__deadline_after_ms(int timeout_ms);

/** A condition whose timed waits take such deadlines. */
void misas__condition_init(pthread_cond_t *condition);

#endif
