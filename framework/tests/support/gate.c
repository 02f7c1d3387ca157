#include "support/gate.h"

void gate_pass(test_gate *at)
{
    pthread_mutex_lock(&at->mutex);
    at->waiting++;
    pthread_cond_broadcast(&at->changed);
    while (!at->is_open) {
        pthread_cond_wait(&at->changed, &at->mutex);
    }
    pthread_mutex_unlock(&at->mutex);
}

void gate_await(test_gate *at)
{
    pthread_mutex_lock(&at->mutex);
    while (at->waiting == 0) {
        pthread_cond_wait(&at->changed, &at->mutex);
    }
    pthread_mutex_unlock(&at->mutex);
}

void gate_open(test_gate *at)
{
    pthread_mutex_lock(&at->mutex);
    at->is_open = 1;
    pthread_cond_broadcast(&at->changed);
    pthread_mutex_unlock(&at->mutex);
}
