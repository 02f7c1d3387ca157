#include "bus/queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "bus/errors.h"
#include "clock/deadline.h"

struct misas__bus_queue {
    pthread_mutex_t mutex;   /* guards what follows */
    pthread_cond_t put;      /* something was, or it was stopped */
    pthread_cond_t released; /* something was, or it was stopped */
    misas__bus_item *first;
    misas__bus_item *last;
    size_t on_their_way;
    size_t window;
    bool is_stopped;
};

void misas__bus_item_complete(misas__bus_item *item, const misas_reply *reply, misas_error *error)
{
    if (item->completion != NULL) {
        item->completion(item->argument, error == NULL ? reply : NULL, error);
    } else {
        misas_error_free(error);
    }
    free(item->envelope);
    free(item);
}

misas_error *misas__bus_queue_new(misas__bus_queue **out, size_t window)
{
    misas__bus_queue *queue = calloc(1, sizeof *queue);

    if (queue == NULL) {
        return misas_error_out_of_memory();
    }
    pthread_mutex_init(&queue->mutex, NULL);
    misas__condition_init(&queue->put);
    misas__condition_init(&queue->released);
    queue->window = window;
    *out = queue;
    return NULL;
}

void misas__bus_queue_free(misas__bus_queue *queue)
{
    if (queue != NULL) {
        pthread_cond_destroy(&queue->released);
        pthread_cond_destroy(&queue->put);
        pthread_mutex_destroy(&queue->mutex);
        free(queue);
    }
}

static misas__put_outcome wait_for_room(misas__bus_queue *queue, int timeout_ms)
{
    struct timespec deadline = misas__deadline_after_ms(timeout_ms);
    int waited = 0;

    while (!queue->is_stopped && queue->on_their_way == queue->window && waited == 0) {
        waited = pthread_cond_timedwait(&queue->released, &queue->mutex, &deadline);
    }
    if (queue->is_stopped) {
        return MISAS__PUT_STOPPED;
    }
    return queue->on_their_way < queue->window ? MISAS__PUT : MISAS__PUT_FULL;
}

misas__put_outcome misas__bus_queue_put(misas__bus_queue *queue, misas__bus_item *item,
                                        int timeout_ms)
{
    pthread_mutex_lock(&queue->mutex);
    misas__put_outcome outcome = wait_for_room(queue, timeout_ms);

    if (outcome == MISAS__PUT) {
        item->next = NULL;
        if (queue->first == NULL) {
            queue->first = item;
            pthread_cond_signal(&queue->put);
        } else {
            queue->last->next = item;
        }
        queue->last = item;
        queue->on_their_way++;
    }
    pthread_mutex_unlock(&queue->mutex);
    return outcome;
}

static misas__bus_item *take_first(misas__bus_queue *queue)
{
    misas__bus_item *item = queue->first;

    if (item != NULL) {
        queue->first = item->next;
    }
    return item;
}

size_t misas__bus_queue_take(misas__bus_queue *queue, misas__bus_item **items, size_t max,
                             int timeout_ms)
{
    struct timespec deadline = misas__deadline_after_ms(timeout_ms);
    size_t count = 0;
    int waited = 0;

    pthread_mutex_lock(&queue->mutex);
    while (!queue->is_stopped && queue->first == NULL && waited == 0) {
        waited = pthread_cond_timedwait(&queue->put, &queue->mutex, &deadline);
    }
    while (!queue->is_stopped && count < max && queue->first != NULL) {
        items[count++] = take_first(queue);
    }
    pthread_mutex_unlock(&queue->mutex);
    return count;
}

void misas__bus_queue_release(misas__bus_queue *queue, size_t count)
{
    pthread_mutex_lock(&queue->mutex);
    queue->on_their_way -= count;
    pthread_cond_broadcast(&queue->released);
    pthread_mutex_unlock(&queue->mutex);
}

void misas__bus_queue_stop(misas__bus_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->is_stopped = true;
    pthread_cond_broadcast(&queue->put);
    pthread_cond_broadcast(&queue->released);
    pthread_mutex_unlock(&queue->mutex);
}

bool misas__bus_queue_is_stopped(misas__bus_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    bool is_stopped = queue->is_stopped;

    pthread_mutex_unlock(&queue->mutex);
    return is_stopped;
}

void misas__bus_queue_pause(misas__bus_queue *queue, int timeout_ms)
{
    struct timespec deadline = misas__deadline_after_ms(timeout_ms);
    int waited = 0;

    pthread_mutex_lock(&queue->mutex);
    while (!queue->is_stopped && waited == 0) {
        waited = pthread_cond_timedwait(&queue->put, &queue->mutex, &deadline);
    }
    pthread_mutex_unlock(&queue->mutex);
}

void misas__bus_queue_drain(misas__bus_queue *queue)
{
    size_t count = 0;

    for (misas__bus_item *item = take_first(queue); item != NULL; item = take_first(queue)) {
        misas_error *error = misas__bus_stopped(item->envelope);

        misas__bus_item_complete(item, NULL, error);
        count++;
    }
    misas__bus_queue_release(queue, count);
}
