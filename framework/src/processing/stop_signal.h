/** Private: what tells a thread to stop. */
#ifndef MISAS_SRC_PROCESSING_STOP_SIGNAL_H
#define MISAS_SRC_PROCESSING_STOP_SIGNAL_H

#include <pthread.h>
#include <stdbool.h>

typedef struct misas__stop_signal {
    pthread_mutex_t mutex;
    pthread_cond_t given;
    bool is_given; /* guarded by the mutex */
} misas__stop_signal;

void misas__stop_signal_begin(misas__stop_signal *signal);
void misas__stop_signal_end(misas__stop_signal *signal);

/** Any thread. */
void misas__stop_signal_give(misas__stop_signal *signal);
bool misas__stop_signal_is_given(misas__stop_signal *signal);

/** Waits up to `timeout_ms`; returns at once when it is given, and then true. */
bool misas__stop_signal_wait(misas__stop_signal *signal, int timeout_ms);

#endif
