/* The system's clock follows the storage's also where no predictor sees to that. */
#include "system/system.h"

enum { measure_interval_ms = 1000 };

/* While the storage is away the clock goes on by itself. */
static void *keep_time(void *argument)
{
    misas_system *system = argument;

    while (!misas__stop_signal_wait(&system->time_keeper_stop, measure_interval_ms)) {
        misas_error_free(misas__measure_clock(system));
    }
    return NULL;
}

misas_error *misas__time_keeper_start(misas_system *system)
{
    if (system->measured == NULL || system->predictor != NULL) {
        return NULL;
    }
    misas__stop_signal_begin(&system->time_keeper_stop);
    system->has_time_keeper = pthread_create(&system->time_keeper, NULL, keep_time, system) == 0;
    if (!system->has_time_keeper) {
        misas__stop_signal_end(&system->time_keeper_stop);
        return misas_error_out_of_memory();
    }
    return NULL;
}

void misas__time_keeper_stop(misas_system *system)
{
    if (system->has_time_keeper) {
        misas__stop_signal_give(&system->time_keeper_stop);
        pthread_join(system->time_keeper, NULL);
        misas__stop_signal_end(&system->time_keeper_stop);
        system->has_time_keeper = false;
    }
}
