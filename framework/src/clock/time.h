/** Private: the range of times. */
#ifndef MISAS_SRC_CLOCK_TIME_H
#define MISAS_SRC_CLOCK_TIME_H

#include <stdint.h>

/** The nearest time that is within MISAS_TIME_MIN_US and MISAS_TIME_MAX_US. */
int64_t misas__time_clamp(int64_t time_us);

#endif
