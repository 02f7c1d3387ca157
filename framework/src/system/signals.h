/** Private: the signals that end a process. */
#ifndef MISAS_SRC_SYSTEM_SIGNALS_H
#define MISAS_SRC_SYSTEM_SIGNALS_H

#include <signal.h>

#include "system/system.h"

/** How signals were before, and the thread that waits for them. */
typedef struct misas__signals {
    misas_system *system;
    sigset_t caught; /* SIGTERM and SIGINT */
    sigset_t mask_before;
    struct sigaction pipe_before;
    pthread_t thread;
} misas__signals;

/** From now on SIGTERM and SIGINT stop the system in order; one that comes half a second later or
 * more ends the process at once, and so does a stop that takes too long. SIGPIPE is ignored. Called
 * before any thread is started: all of them inherit the mask. */
misas_error *misas__signals_begin(misas__signals *signals, misas_system *system);

/** All is as it was before. */
void misas__signals_end(misas__signals *signals);

#endif
