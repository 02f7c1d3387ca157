/* A program of somebody who has only installed MISAS: migrates, appends an event, reads it back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <misas/misas.h>

#include "garden/v1/garden.misas.h"

static misas_error *plant(misas_event_store *store)
{
    Garden__V1__Planted planted = GARDEN__V1__PLANTED__INIT;

    planted.bed = "south";
    planted.plant = "beans";
    planted.seeds = 40;
    return garden_v1_planted_append(NULL, store, planted.bed, MISAS_NO_STREAM, &planted, NULL);
}

static misas_error *print_event(const misas_event *event)
{
    Garden__V1__Planted *planted = NULL;
    misas_error *error = garden_v1_planted_decode(&planted, event);

    if (error == NULL) {
        printf("%s %" PRIu64 ": %s %" PRIu32 "\n", event->stream, event->version, planted->plant,
               planted->seeds);
        misas_message_free(&planted->base);
    }
    return error;
}

static misas_error *look(misas_event_store *store)
{
    misas_event_reader *reader = NULL;
    const misas_event *event = NULL;
    misas_error *error = misas_event_store_read_stream(&reader, store, "south", NULL);

    if (error == NULL) {
        error = misas_event_reader_next(&event, reader);
    }
    while (error == NULL && event != NULL) {
        error = print_event(event);
        if (error == NULL) {
            error = misas_event_reader_next(&event, reader);
        }
    }
    misas_event_reader_free(reader);
    return error;
}

static misas_error *plant_and_look(misas_postgresql *database)
{
    misas_event_store *store = NULL;
    misas_error *error = misas_postgresql_migrate(database);

    if (error == NULL) {
        error = misas_event_store_new_postgresql(&store, database, NULL);
    }
    if (error == NULL) {
        error = plant(store);
    }
    if (error == NULL) {
        error = look(store);
    }
    misas_event_store_free(store);
    return error;
}

int main(void)
{
    misas_secret *connection = NULL;
    misas_postgresql *database = NULL;
    misas_error *error = misas_secret_new(&connection, getenv("GARDEN_DATABASE"));

    if (error == NULL) {
        error =
            misas_postgresql_new(&database, &(misas_postgresql_options){.connection = connection});
    }
    if (error == NULL) {
        error = plant_and_look(database);
    }
    misas_postgresql_free(database);
    misas_secret_free(connection);
    return misas_error_exit_status(error);
}
