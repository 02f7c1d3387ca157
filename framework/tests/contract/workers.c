#include "contract/workers.h"

static void *run(void *argument)
{
    worker *self = argument;

    self->work(self);
    return NULL;
}

void workers_start(worker *workers, size_t count, const worker *like)
{
    for (size_t i = 0; i < count; i++) {
        workers[i] = *like;
        workers[i].index = i;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    }
}

void workers_join(worker *workers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
    }
}

void workers_assert_no_errors(worker *workers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_no_error(workers[i].error);
    }
}
