#include "storage/memory_checkpoints.h"

#include <stdlib.h>
#include <string.h>

#include "clock/monotonic.h"
#include "memory/copy.h"
#include "memory/growth.h"
#include "misas/clock.h"
#include "storage/memory_storage.h"

struct misas__kept_checkpoint {
    misas__checkpoint_info info; /* the owner is not kept here */
    char *owner;                 /* NULL: nobody leads, or the lease was left */
    int64_t expires_at_ms;       /* when there is an owner */
    char texts[];                /* processor and source */
};

static misas__memory_checkpoints *lock(misas_storage *storage)
{
    misas__memory_storage *self = (misas__memory_storage *)storage;

    pthread_mutex_lock(&self->mutex);
    return &self->checkpoints;
}

static void unlock(misas_storage *storage)
{
    pthread_mutex_unlock(&((misas__memory_storage *)storage)->mutex);
}

static int compare_keys(const misas__checkpoint_key *left, const misas__checkpoint_key *right)
{
    int order = strcmp(left->processor, right->processor);

    if (order == 0) {
        order = strcmp(left->source, right->source);
    }
    return order != 0 ? order
                      : (left->partition > right->partition) - (left->partition < right->partition);
}

/* Of the first that does not come before the key. */
static size_t find_place(const misas__memory_checkpoints *checkpoints,
                         const misas__checkpoint_key *key)
{
    size_t place = 0;

    while (place < checkpoints->count &&
           compare_keys(&checkpoints->items[place]->info.key, key) < 0) {
        place++;
    }
    return place;
}

static misas__kept_checkpoint *find(const misas__memory_checkpoints *checkpoints,
                                    const misas__checkpoint_key *key)
{
    size_t place = find_place(checkpoints, key);

    return place < checkpoints->count &&
                   compare_keys(&checkpoints->items[place]->info.key, key) == 0
               ? checkpoints->items[place]
               : NULL;
}

/* The checkpoint, if its leader is still the one of this epoch. */
static misas__kept_checkpoint *find_led(const misas__memory_checkpoints *checkpoints,
                                        const misas__checkpoint_key *key, int64_t epoch)
{
    misas__kept_checkpoint *kept = find(checkpoints, key);
    bool is_led = kept != NULL && kept->owner != NULL && kept->info.checkpoint.epoch == epoch;

    return is_led ? kept : NULL;
}

static bool is_processor_paused(const misas__memory_checkpoints *checkpoints, const char *processor)
{
    bool is_paused = false;

    for (size_t i = 0; i < checkpoints->count && !is_paused; i++) {
        const misas__checkpoint_info *info = &checkpoints->items[i]->info;

        is_paused = info->checkpoint.is_paused && strcmp(info->key.processor, processor) == 0;
    }
    return is_paused;
}

static misas__kept_checkpoint *new_checkpoint(const misas__checkpoint_key *key)
{
    misas__kept_checkpoint *made = calloc(1, sizeof *made + misas__size_of_text(key->processor) +
                                                 misas__size_of_text(key->source));

    if (made != NULL) {
        char *cursor = made->texts;

        made->info.key = *key;
        made->info.key.processor = misas__copy_text(&cursor, key->processor);
        made->info.key.source = misas__copy_text(&cursor, key->source);
        made->info.moved_at_us = misas_clock_now_us(NULL);
        made->info.checkpoint.was_released = true;
    }
    return made;
}

static misas_error *add(misas__kept_checkpoint **out, misas__memory_checkpoints *checkpoints,
                        const misas__checkpoint_key *key)
{
    misas__kept_checkpoint **items =
        misas__grow(checkpoints->items, checkpoints->count, &checkpoints->capacity,
                    sizeof(misas__kept_checkpoint *));

    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    checkpoints->items = items;
    misas__kept_checkpoint *made = new_checkpoint(key);
    size_t place = find_place(checkpoints, key);

    if (made == NULL) {
        return misas_error_out_of_memory();
    }
    made->info.checkpoint.is_paused = is_processor_paused(checkpoints, key->processor);
    memmove(items + place + 1, items + place,
            (checkpoints->count - place) * sizeof(misas__kept_checkpoint *));
    items[place] = made;
    checkpoints->count++;
    *out = made;
    return NULL;
}

static void renew(misas__kept_checkpoint *kept)
{
    kept->expires_at_ms = misas__monotonic_ms() + misas__lease_ms;
}

static bool has_leader(const misas__kept_checkpoint *kept)
{
    return kept->owner != NULL && kept->expires_at_ms >= misas__monotonic_ms();
}

static void leave(misas__kept_checkpoint *kept)
{
    free(kept->owner);
    kept->owner = NULL;
    kept->info.checkpoint.was_released = true;
}

static void move_to(misas__kept_checkpoint *kept, uint64_t position)
{
    kept->info.checkpoint.position = position;
    kept->info.moved_at_us = misas_clock_now_us(NULL);
}

static void forget_attempts(misas__kept_checkpoint *kept)
{
    kept->info.checkpoint.attempted_position = 0;
    kept->info.checkpoint.attempts = 0;
}

static misas_error *take(misas__checkpoint *out, misas__kept_checkpoint *kept, const char *owner)
{
    misas__checkpoint *checkpoint = &kept->info.checkpoint;
    char *copy = strdup(owner);

    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    free(kept->owner);
    kept->owner = copy;
    renew(kept);
    checkpoint->epoch++;
    *out = *checkpoint;
    checkpoint->was_released = false;
    return NULL;
}

misas_error *misas__memory_take_checkpoint(misas__checkpoint *out, bool *out_taken,
                                           misas_storage *storage, const misas__checkpoint_key *key,
                                           const char *owner)
{
    misas__memory_checkpoints *checkpoints = lock(storage);
    misas__kept_checkpoint *kept = find(checkpoints, key);
    misas_error *error = kept == NULL ? add(&kept, checkpoints, key) : NULL;

    *out_taken = error == NULL && !has_leader(kept);
    if (*out_taken) {
        error = take(out, kept, owner);
        *out_taken = error == NULL;
    }
    unlock(storage);
    return error;
}

misas_error *misas__memory_seize_checkpoint(misas__checkpoint *out, misas_storage *storage,
                                            const misas__checkpoint_key *key, const char *owner)
{
    misas__memory_checkpoints *checkpoints = lock(storage);
    misas__kept_checkpoint *kept = find(checkpoints, key);
    misas_error *error = kept == NULL ? add(&kept, checkpoints, key) : NULL;

    if (error == NULL) {
        error = take(out, kept, owner);
    }
    unlock(storage);
    return error;
}

misas_error *misas__memory_renew_checkpoint(bool *out_is_paused, misas_storage *storage,
                                            const misas__checkpoint_key *key, int64_t epoch)
{
    misas__kept_checkpoint *kept = find_led(lock(storage), key, epoch);

    if (kept != NULL) {
        renew(kept);
        *out_is_paused = kept->info.checkpoint.is_paused;
    }
    unlock(storage);
    return kept != NULL ? NULL : misas__lease_lost_error(key);
}

misas_error *misas__memory_release_checkpoint(misas_storage *storage,
                                              const misas__checkpoint_key *key, int64_t epoch)
{
    misas__kept_checkpoint *kept = find_led(lock(storage), key, epoch);

    if (kept != NULL) {
        leave(kept);
    }
    unlock(storage);
    return NULL;
}

static int32_t count_attempt(misas__checkpoint *checkpoint, uint64_t position)
{
    if (checkpoint->attempted_position != position) {
        checkpoint->attempted_position = position;
        checkpoint->attempts = 0;
    }
    return ++checkpoint->attempts;
}

misas_error *misas__memory_attempt_checkpoint(int32_t *out_attempts, misas_storage *storage,
                                              const misas__checkpoint_key *key, int64_t epoch,
                                              uint64_t position)
{
    misas__kept_checkpoint *kept = find_led(lock(storage), key, epoch);

    if (kept != NULL) {
        renew(kept);
        *out_attempts = count_attempt(&kept->info.checkpoint, position);
    }
    unlock(storage);
    return kept != NULL ? NULL : misas__lease_lost_error(key);
}

static misas_error *copy_info(misas__checkpoint_info *out, misas__arena *arena,
                              const misas__kept_checkpoint *kept)
{
    const char *owner = has_leader(kept) ? kept->owner : NULL;
    const misas__checkpoint_key *key = &kept->info.key;
    char *cursor = misas__arena_allocate(arena, misas__size_of_text(key->processor) +
                                                    misas__size_of_text(key->source) +
                                                    misas__size_of_text(owner));

    if (cursor == NULL) {
        return misas_error_out_of_memory();
    }
    *out = kept->info;
    out->key.processor = misas__copy_text(&cursor, key->processor);
    out->key.source = misas__copy_text(&cursor, key->source);
    out->owner = misas__copy_text(&cursor, owner);
    return NULL;
}

misas_error *misas__memory_list_checkpoints(const misas__checkpoint_info **out, size_t *out_count,
                                            misas_storage *storage, misas__arena *arena)
{
    const misas__memory_checkpoints *checkpoints = lock(storage);
    misas__checkpoint_info *infos =
        misas__arena_allocate(arena, checkpoints->count * sizeof *infos);
    misas_error *error = infos == NULL ? misas_error_out_of_memory() : NULL;

    for (size_t i = 0; i < checkpoints->count && error == NULL; i++) {
        error = copy_info(&infos[i], arena, checkpoints->items[i]);
    }
    *out = infos;
    *out_count = checkpoints->count;
    unlock(storage);
    return error;
}

misas_error *misas__memory_reset_checkpoint(bool *out_found, misas_storage *storage,
                                            const char *processor, uint64_t position)
{
    const misas__checkpoint_key key = {processor, MISAS__SOURCE_LOG, 0};
    misas__kept_checkpoint *kept = find(lock(storage), &key);

    *out_found = kept != NULL;
    if (kept != NULL) {
        leave(kept);
        move_to(kept, position);
        kept->info.checkpoint.epoch++;
        forget_attempts(kept);
    }
    unlock(storage);
    return NULL;
}

static bool set_paused(misas__memory_checkpoints *checkpoints, const char *processor,
                       bool is_paused)
{
    bool is_found = false;

    for (size_t i = 0; i < checkpoints->count; i++) {
        misas__checkpoint_info *info = &checkpoints->items[i]->info;

        if (strcmp(info->key.processor, processor) == 0) {
            info->checkpoint.is_paused = is_paused;
            is_found = true;
        }
    }
    return is_found;
}

misas_error *misas__memory_pause_processor(misas_storage *storage, const char *processor,
                                           bool is_paused)
{
    const misas__checkpoint_key key = {processor, MISAS__SOURCE_LOG, 0};
    misas__memory_checkpoints *checkpoints = lock(storage);
    misas__kept_checkpoint *added = NULL;
    misas_error *error = NULL;

    if (!set_paused(checkpoints, processor, is_paused)) {
        error = add(&added, checkpoints, &key);
        set_paused(checkpoints, processor, is_paused);
    }
    unlock(storage);
    return error;
}

misas_error *misas__memory_checkpoint_check(const misas__memory_checkpoints *checkpoints,
                                            const misas__checkpoint_move *move)
{
    if (move == NULL) {
        return NULL;
    }
    const misas__kept_checkpoint *led = find_led(checkpoints, &move->key, move->epoch);
    bool is_past = led != NULL && move->is_once && led->info.checkpoint.position > move->from;

    return led == NULL || is_past ? misas__lease_lost_error(&move->key) : NULL;
}

void misas__memory_checkpoint_move(misas__memory_checkpoints *checkpoints,
                                   const misas__checkpoint_move *move)
{
    if (move == NULL) {
        return;
    }
    misas__kept_checkpoint *kept = find(checkpoints, &move->key);

    renew(kept);
    if (kept->info.checkpoint.position < move->position || move->may_go_back) {
        move_to(kept, move->position);
    }
    if (move->may_go_back) {
        forget_attempts(kept);
    }
}

void misas__memory_checkpoints_free(misas__memory_checkpoints *checkpoints)
{
    for (size_t i = 0; i < checkpoints->count; i++) {
        free(checkpoints->items[i]->owner);
        free(checkpoints->items[i]);
    }
    free(checkpoints->items);
    *checkpoints = (misas__memory_checkpoints){0};
}
