#include "processing/reset.h"

#include <stdlib.h>

#include "memory/growth.h"
#include "processing/handle.h"
#include "processing/lease.h"
#include "processing/options.h"
#include "processing/stop_signal.h"

enum { cached_aggregates = 100, letters_at_once = 500 };

typedef struct resetting {
    const misas__reset_options *options;
    misas__session session;
    misas__lease lease;
    misas__checkpoint_move move;
    misas__stop_signal stop; /* of the keeper */
    int64_t *letters;        /* ids */
    size_t letter_count;
    size_t letter_capacity;
} resetting;

/* The reset handlers may take their time. */
static void *keep_lease(void *argument)
{
    resetting *self = argument;

    while (!misas__stop_signal_wait(&self->stop, misas__renew_interval_ms)) {
        misas__lease_renew(&self->lease);
    }
    return NULL;
}

static misas_error *add_letter(resetting *self, int64_t id)
{
    int64_t *letters =
        misas__grow(self->letters, self->letter_count, &self->letter_capacity, sizeof *letters);

    if (letters == NULL) {
        return misas_error_out_of_memory();
    }
    self->letters = letters;
    letters[self->letter_count++] = id;
    return NULL;
}

/* `*out_next` is where the next look begins; 0: there are no more. */
static misas_error *find_some_letters(int64_t *out_next, resetting *self, misas__arena *arena)
{
    misas_storage *storage = self->session.storage;
    const misas__dead_letter *letters = NULL;
    size_t count = 0;
    misas_error *error = storage->backend->checkpoints.list_dead_letters(
        &letters, &count, storage,
        &(misas__dead_letter_query){
            .processor = self->options->processor->name, .from = *out_next, .max = letters_at_once},
        arena);

    for (size_t i = 0; i < count && error == NULL; i++) {
        error = add_letter(self, letters[i].id);
    }
    *out_next = count == letters_at_once ? letters[count - 1].id + 1 : 0;
    return error;
}

static misas_error *find_letters(resetting *self)
{
    misas__arena arena = {0};
    int64_t next = 1;
    misas_error *error = NULL;

    do {
        error = find_some_letters(&next, self, &arena);
        misas__arena_reset(&arena);
    } while (error == NULL && next > 0);
    misas__arena_free(&arena);
    return error;
}

/* Nobody else sets letters of this processor aside, while this one leads. */
static misas_error *clear(resetting *self)
{
    misas__draft *draft = &self->session.draft;
    misas__outcome outcome;
    misas_error *error = find_letters(self);

    if (error == NULL) {
        misas__handle_reset(&outcome, &self->session, self->options->processor);
        error = outcome.error;
    }
    if (error != NULL) {
        return error;
    }
    self->move = misas__lease_move(&self->lease, 0);
    self->move.may_go_back = true;
    draft->checkpoint = &self->move;
    draft->settled_dead_letters = self->letters;
    draft->settled_dead_letter_count = self->letter_count;
    return misas__draft_write(draft, self->session.transaction);
}

static misas_error *clear_as_leader(resetting *self)
{
    pthread_t keeper;

    if (pthread_create(&keeper, NULL, keep_lease, self) != 0) {
        return misas_error_out_of_memory();
    }
    misas_error *error = clear(self);

    if (error != NULL) {
        self->session.transaction->functions->roll_back(self->session.transaction);
    }
    misas__draft_reset(&self->session.draft, &self->session.cache, error == NULL);
    misas__stop_signal_give(&self->stop);
    pthread_join(keeper, NULL);
    return error;
}

static misas_error *lead(resetting *self)
{
    char owner[misas__owner_size];
    misas_storage *storage = self->session.storage;
    misas__checkpoint taken;

    misas__lease_begin(
        &self->lease, storage,
        &(misas__checkpoint_key){self->options->processor->name, MISAS__SOURCE_LOG, 0},
        misas__name_owner(owner, NULL));
    misas_error *error = misas__lease_seize(&taken, &self->lease);

    if (error == NULL) {
        error = clear_as_leader(self);
    }
    misas__lease_release(&self->lease);
    return error;
}

misas_error *misas__reset_processor(const misas__reset_options *options)
{
    resetting self = {
        .options = options,
        .session = {.subsystem = options->processor->subsystem,
                    .storage = options->storage,
                    .clock = options->clock,
                    .logger = options->logger,
                    .has_no_savepoints = true},
    };
    misas_error *error = misas__transaction_new(&self.session.transaction, options->storage);

    if (error != NULL) {
        return error;
    }
    misas__stop_signal_begin(&self.stop);
    misas__aggregate_cache_begin(&self.session.cache, cached_aggregates);
    error = lead(&self);
    misas__aggregate_cache_end(&self.session.cache);
    misas__draft_free(&self.session.draft);
    self.session.transaction->functions->free(self.session.transaction);
    misas__stop_signal_end(&self.stop);
    free(self.letters);
    return error;
}
