#include "storage/memory_dead_letters.h"

#include <stdlib.h>
#include <string.h>

#include "memory/growth.h"
#include "misas/clock.h"
#include "storage/dead_letter_copy.h"
#include "storage/memory_storage.h"

static misas__memory_dead_letters *lock(misas_storage *storage)
{
    misas__memory_storage *self = (misas__memory_storage *)storage;

    pthread_mutex_lock(&self->mutex);
    return &self->dead_letters;
}

static void unlock(misas_storage *storage)
{
    pthread_mutex_unlock(&((misas__memory_storage *)storage)->mutex);
}

/* Of the first whose id is not less. */
static size_t find_place(const misas__memory_dead_letters *letters, int64_t id)
{
    size_t low = 0;
    size_t high = letters->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (letters->items[middle]->id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_there(const misas__memory_dead_letters *letters, int64_t id)
{
    size_t place = find_place(letters, id);

    return place < letters->count && letters->items[place]->id == id;
}

/* Of one that is there. */
static void remove_letter(misas__memory_dead_letters *letters, int64_t id)
{
    size_t place = find_place(letters, id);

    free(letters->items[place]);
    letters->count--;
    memmove(letters->items + place, letters->items + place + 1,
            (letters->count - place) * sizeof(misas__dead_letter *));
}

static bool is_same(const misas__dead_letter *left, const misas__dead_letter *right)
{
    return left->event.position == right->event.position && left->event.part == right->event.part &&
           memcmp(&left->event.id, &right->event.id, sizeof left->event.id) == 0 &&
           strcmp(left->processor, right->processor) == 0;
}

/* The place of the one of the same processor and event, or the end. */
static size_t find_same(const misas__memory_dead_letters *letters, const misas__dead_letter *letter)
{
    size_t place = 0;

    while (place < letters->count && !is_same(letters->items[place], letter)) {
        place++;
    }
    return place;
}

static misas_error *check_settled(const misas__memory_dead_letters *letters,
                                  const misas__batch *batch)
{
    bool is_gone = false;

    for (size_t i = 0; i < batch->settled_dead_letter_count && !is_gone; i++) {
        int64_t id = batch->settled_dead_letters[i];

        is_gone = !is_there(letters, id);
        for (size_t j = 0; j < i && !is_gone; j++) {
            is_gone = batch->settled_dead_letters[j] == id;
        }
    }
    return is_gone ? misas__dead_letter_gone_error() : NULL;
}

static misas_error *reserve(misas__memory_dead_letters *letters, size_t more)
{
    for (size_t i = 0; i < more; i++) {
        misas__dead_letter **items = misas__grow(letters->items, letters->count + i,
                                                 &letters->capacity, sizeof(misas__dead_letter *));

        if (items == NULL) {
            return misas_error_out_of_memory();
        }
        letters->items = items;
    }
    return NULL;
}

static misas_error *copy_all(misas__new_dead_letters *out, const misas__batch *batch)
{
    out->copies = calloc(batch->dead_letter_count, sizeof(misas__dead_letter *));
    if (out->copies == NULL) {
        return misas_error_out_of_memory();
    }
    for (; out->count < batch->dead_letter_count; out->count++) {
        const misas__dead_letter *letter = &batch->dead_letters[out->count];
        misas__dead_letter *copy = malloc(sizeof *copy + misas__size_of_dead_letter(letter));

        if (copy == NULL) {
            return misas_error_out_of_memory();
        }
        misas__dead_letter_copy(copy, copy + 1, letter);
        out->copies[out->count] = copy;
    }
    return NULL;
}

misas_error *misas__memory_dead_letters_prepare(misas__new_dead_letters *out,
                                                misas__memory_dead_letters *letters,
                                                const misas__batch *batch)
{
    misas_error *error = check_settled(letters, batch);

    if (error == NULL) {
        error = reserve(letters, batch->dead_letter_count);
    }
    return error != NULL || batch->dead_letter_count == 0 ? error : copy_all(out, batch);
}

/* One that takes the place of another keeps its id. */
static void set_aside(misas__memory_dead_letters *letters, misas__dead_letter *letter)
{
    size_t place = find_same(letters, letter);

    if (place < letters->count) {
        letter->id = letters->items[place]->id;
        letter->set_aside_at_us = letters->items[place]->set_aside_at_us;
        free(letters->items[place]);
    } else {
        letter->id = ++letters->last_id;
        letter->set_aside_at_us = misas_clock_now_us(NULL);
        letters->count++;
    }
    letters->items[place] = letter;
}

void misas__memory_dead_letters_change(misas__memory_dead_letters *letters,
                                       misas__new_dead_letters *prepared, const misas__batch *batch)
{
    for (size_t i = 0; i < batch->settled_dead_letter_count; i++) {
        remove_letter(letters, batch->settled_dead_letters[i]);
    }
    for (size_t i = 0; i < prepared->count; i++) {
        set_aside(letters, prepared->copies[i]);
        prepared->copies[i] = NULL;
    }
}

void misas__new_dead_letters_free(misas__new_dead_letters *prepared)
{
    for (size_t i = 0; i < prepared->count; i++) {
        free(prepared->copies[i]);
    }
    free(prepared->copies);
    *prepared = (misas__new_dead_letters){0};
}

static bool is_wanted(const misas__dead_letter *letter, const misas__dead_letter_query *query)
{
    bool is_of_processor =
        query->processor == NULL || strcmp(letter->processor, query->processor) == 0;

    return is_of_processor && (letter->is_to_be_retried || !query->only_to_be_retried);
}

static size_t count_wanted(const misas__memory_dead_letters *letters,
                           const misas__dead_letter_query *query)
{
    size_t count = 0;

    for (size_t i = find_place(letters, query->from); i < letters->count && count < query->max;
         i++) {
        count += is_wanted(letters->items[i], query) ? 1 : 0;
    }
    return count;
}

static misas_error *copy_wanted(misas__dead_letter *out, size_t count,
                                const misas__memory_dead_letters *letters,
                                const misas__dead_letter_query *query, misas__arena *arena)
{
    size_t place = find_place(letters, query->from);
    misas_error *error = NULL;

    for (size_t copied = 0; copied < count && error == NULL; place++) {
        if (is_wanted(letters->items[place], query)) {
            error = misas__dead_letter_copy_to_arena(&out[copied++], arena, letters->items[place]);
        }
    }
    return error;
}

misas_error *misas__memory_list_dead_letters(const misas__dead_letter **out, size_t *out_count,
                                             misas_storage *storage,
                                             const misas__dead_letter_query *query,
                                             misas__arena *arena)
{
    const misas__memory_dead_letters *letters = lock(storage);
    size_t count = count_wanted(letters, query);
    misas__dead_letter *copies = misas__arena_allocate(arena, count * sizeof *copies);
    misas_error *error = copies != NULL ? copy_wanted(copies, count, letters, query, arena)
                                        : misas_error_out_of_memory();

    *out = copies;
    *out_count = count;
    unlock(storage);
    return error;
}

misas_error *misas__memory_retry_dead_letter(bool *out_found, misas_storage *storage, int64_t id)
{
    misas__memory_dead_letters *letters = lock(storage);

    *out_found = is_there(letters, id);
    if (*out_found) {
        letters->items[find_place(letters, id)]->is_to_be_retried = true;
    }
    unlock(storage);
    return NULL;
}

misas_error *misas__memory_drop_dead_letter(bool *out_found, misas_storage *storage, int64_t id)
{
    misas__memory_dead_letters *letters = lock(storage);

    *out_found = is_there(letters, id);
    if (*out_found) {
        remove_letter(letters, id);
    }
    unlock(storage);
    return NULL;
}

void misas__memory_dead_letters_free(misas__memory_dead_letters *letters)
{
    for (size_t i = 0; i < letters->count; i++) {
        free(letters->items[i]);
    }
    free(letters->items);
    *letters = (misas__memory_dead_letters){0};
}
