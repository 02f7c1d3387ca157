#include "tellers.h"

#include <pthread.h>
#include <stdlib.h>

#include "bank.h"

typedef struct teller {
    pthread_t thread;
    misas_event_store *store;
    const char *account_id;
    misas_error *error;
} teller;

static void *work(void *argument)
{
    teller *self = argument;

    for (int i = 0; i < tellers_deposits && self->error == NULL; i++) {
        self->error = bank_deposit(self->store, self->account_id, 100);
    }
    return NULL;
}

misas_error *tellers_deposit(misas_event_store *store, const char *id)
{
    teller tellers[tellers_count];
    misas_error *first = NULL;

    for (int i = 0; i < tellers_count; i++) {
        tellers[i] = (teller){.store = store, .account_id = id};
        if (pthread_create(&tellers[i].thread, NULL, work, &tellers[i]) != 0) {
            abort(); /* the example would not be one */
        }
    }
    for (int i = 0; i < tellers_count; i++) {
        pthread_join(tellers[i].thread, NULL);
        if (first == NULL) {
            first = tellers[i].error;
        } else {
            misas_error_free(tellers[i].error);
        }
    }
    return first;
}
