/** Private: time that only goes forward, for deadlines and spans of time. */
#ifndef MISAS_SRC_CLOCK_MONOTONIC_H
#define MISAS_SRC_CLOCK_MONOTONIC_H

#include <stdint.h>

int64_t misas__monotonic_ms(void);
int64_t misas__monotonic_us(void);

#endif
