#define _GNU_SOURCE /* tdestroy */
#include "storage/predictions.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "misas/clock.h"
#include "storage/batch.h"

/* Lives as long as any prediction of it, so that what is taken back finds it again. */
struct misas__prediction_group {
    const char *type; /* of the key to look for, or `text` */
    const char *key;
    misas__kept_prediction *first; /* of those that are there */
    size_t references;
    char text[]; /* type and key */
};

static int compare_groups(const void *left, const void *right)
{
    const misas__prediction_group *a = left;
    const misas__prediction_group *b = right;
    int by_type = strcmp(a->type, b->type);

    return by_type != 0 ? by_type : strcmp(a->key, b->key);
}

/* The id to look for stands in for a slot: this is how the tree is asked for it. */
static int compare_id_to_slot(const void *id, const void *slot)
{
    return strcmp(id, ((const misas__prediction_slot *)slot)->id);
}

static int compare_slots(const void *left, const void *right)
{
    return compare_id_to_slot(((const misas__prediction_slot *)left)->id, right);
}

static misas__prediction_group *find_group(const misas__predictions *predictions, const char *type,
                                           const char *key)
{
    const misas__prediction_group wanted = {.type = type, .key = key};
    void *found = tfind(&wanted, &predictions->groups, compare_groups);

    return found != NULL ? *(misas__prediction_group **)found : NULL;
}

static misas__prediction_group *add_group(misas__predictions *predictions, const char *type,
                                          const char *key)
{
    size_t type_size = strlen(type) + 1;
    size_t key_size = strlen(key) + 1;
    misas__prediction_group *group = calloc(1, sizeof *group + type_size + key_size);

    if (group == NULL) {
        return NULL;
    }
    group->type = memcpy(group->text, type, type_size);
    group->key = memcpy(group->text + type_size, key, key_size);
    if (tsearch(group, &predictions->groups, compare_groups) == NULL) {
        free(group);
        return NULL;
    }
    return group;
}

static misas__prediction_slot *find_slot(const misas__predictions *predictions, const char *id)
{
    void *found = tfind(id, &predictions->slots, compare_id_to_slot);

    return found != NULL ? *(misas__prediction_slot **)found : NULL;
}

static misas__prediction_slot *get_or_add_slot(misas__predictions *predictions, const char *id)
{
    misas__prediction_slot *slot = find_slot(predictions, id);
    size_t id_size = strlen(id) + 1;

    if (slot != NULL) {
        return slot;
    }
    slot = calloc(1, sizeof *slot + id_size);
    if (slot == NULL) {
        return NULL;
    }
    memcpy(slot->id, id, id_size);
    if (tsearch(slot, &predictions->slots, compare_slots) == NULL) {
        free(slot);
        return NULL;
    }
    return slot;
}

static void free_kept(misas__predictions *predictions, misas__kept_prediction *kept)
{
    misas__prediction_group *group = kept != NULL ? kept->group : NULL;

    if (kept == NULL) {
        return;
    }
    if (group != NULL && --group->references == 0) {
        tdelete(group, &predictions->groups, compare_groups);
        free(group);
    }
    free(kept->content);
    free(kept->key);
    free(kept);
    predictions->kept_count--;
}

static misas_error *join_group(misas__kept_prediction *kept, misas__predictions *predictions)
{
    misas__prediction_group *group = find_group(predictions, kept->content->type, kept->key);

    if (group == NULL) {
        group = add_group(predictions, kept->content->type, kept->key);
    }
    if (group == NULL) {
        return misas_error_out_of_memory();
    }
    kept->group = group;
    group->references++;
    return NULL;
}

static misas_error *copy_key(misas__kept_prediction *kept, misas__predictions *predictions,
                             const char *key)
{
    if (key == NULL) {
        return NULL;
    }
    kept->key = strdup(key);
    return kept->key != NULL ? join_group(kept, predictions) : misas_error_out_of_memory();
}

static uint32_t version_of(const misas_new_prediction *prediction)
{
    return prediction->type_version > 0 ? prediction->type_version : 1;
}

/* Ascends, whatever the machine's clock does. */
static int64_t next_added_at_us(misas__predictions *predictions)
{
    int64_t now_us = misas_clock_now_us(NULL);

    predictions->last_added_at_us =
        now_us > predictions->last_added_at_us ? now_us : predictions->last_added_at_us + 1;
    return predictions->last_added_at_us;
}

/* An empty one, for which there is room in either heap. */
static misas__kept_prediction *new_kept(misas__predictions *predictions)
{
    size_t count = predictions->kept_count + 1;
    bool has_room = misas__time_heap_reserve(&predictions->waiting, count) &&
                    misas__time_heap_reserve(&predictions->claimed, count);
    misas__kept_prediction *kept = has_room ? calloc(1, sizeof *kept) : NULL;

    if (kept != NULL) {
        predictions->kept_count = count;
        kept->added_at_us = next_added_at_us(predictions);
        kept->timed.number = kept->added_at_us;
    }
    return kept;
}

static misas_error *copy(misas__kept_prediction **out, misas__predictions *predictions,
                         const misas_new_prediction *prediction)
{
    misas__kept_prediction *kept = new_kept(predictions);

    if (kept == NULL) {
        return misas_error_out_of_memory();
    }
    kept->timed.time = prediction->due_at_us;
    misas_error *error =
        misas_event_copy(&kept->content, &(misas_event){.stream = prediction->id,
                                                        .type = prediction->type,
                                                        .type_version = version_of(prediction),
                                                        .payload = prediction->payload,
                                                        .payload_size = prediction->payload_size,
                                                        .metadata = prediction->metadata});

    if (error == NULL) {
        error = copy_key(kept, predictions, prediction->key);
    }
    if (error != NULL) {
        free_kept(predictions, kept);
        return error;
    }
    kept->prediction = (misas_new_prediction){
        .id = kept->content->stream,
        .key = kept->key,
        .due_at_us = prediction->due_at_us,
        .type = kept->content->type,
        .type_version = kept->content->type_version,
        .payload = kept->content->payload,
        .payload_size = kept->content->payload_size,
        .metadata = kept->content->metadata,
    };
    *out = kept;
    return NULL;
}

static void link_to_group(misas__kept_prediction *kept)
{
    misas__prediction_group *group = kept->group;

    if (group != NULL) {
        kept->previous = NULL;
        kept->next = group->first;
        if (group->first != NULL) {
            group->first->previous = kept;
        }
        group->first = kept;
    }
}

static void unlink_from_group(const misas__kept_prediction *kept)
{
    if (kept->group == NULL) {
        return;
    }
    if (kept->previous != NULL) {
        kept->previous->next = kept->next;
    } else {
        kept->group->first = kept->next;
    }
    if (kept->next != NULL) {
        kept->next->previous = kept->previous;
    }
}

/* A claim holds, also when the changes are taken back. */
static void link_to_heap(misas__predictions *predictions, misas__kept_prediction *kept)
{
    misas__time_heap_add(kept->is_claimed ? &predictions->claimed : &predictions->waiting,
                         &kept->timed);
}

static void unlink_from_heap(misas__predictions *predictions, const misas__kept_prediction *kept)
{
    misas__time_heap_remove(kept->is_claimed ? &predictions->claimed : &predictions->waiting,
                            &kept->timed);
}

static void mark_changed(misas__predictions *predictions, misas__prediction_slot *slot,
                         bool is_added)
{
    if (!slot->is_changed) {
        slot->is_changed = true;
        slot->was_added = is_added;
        slot->before = slot->now;
        slot->next_changed = predictions->changed;
        predictions->changed = slot;
        predictions->changed_count++;
    }
}

/* Of a slot that is marked as changed. */
static void set_now(misas__predictions *predictions, misas__prediction_slot *slot,
                    misas__kept_prediction *kept)
{
    misas__kept_prediction *old = slot->now;

    if (old != NULL) {
        unlink_from_group(old);
        unlink_from_heap(predictions, old);
    }
    slot->now = kept;
    if (kept != NULL) {
        kept->slot = slot;
        link_to_group(kept);
        link_to_heap(predictions, kept);
    }
    if (old != slot->before) {
        free_kept(predictions, old);
    }
}

static misas_error *put(misas__predictions *predictions, const misas_new_prediction *prediction,
                        bool is_added)
{
    misas__prediction_slot *slot = get_or_add_slot(predictions, prediction->id);
    misas__kept_prediction *kept = NULL;

    if (slot == NULL) {
        return misas_error_out_of_memory();
    }
    mark_changed(predictions, slot, is_added);
    if (is_added && slot->now != NULL) {
        return misas__prediction_exists_error(prediction->id);
    }
    misas_error *error = copy(&kept, predictions, prediction);

    if (error == NULL) {
        set_now(predictions, slot, kept);
    }
    return error;
}

static void cancel(misas__predictions *predictions, misas__prediction_slot *slot)
{
    if (slot != NULL && slot->now != NULL) {
        mark_changed(predictions, slot, false);
        set_now(predictions, slot, NULL);
    }
}

static void cancel_key(misas__predictions *predictions, const misas_new_prediction *wanted)
{
    const misas__prediction_group *group = find_group(predictions, wanted->type, wanted->key);
    const misas__kept_prediction *next = group != NULL ? group->first : NULL;

    while (next != NULL) {
        misas__prediction_slot *slot = next->slot;

        next = next->next; /* cancelling the last one may end the group */
        cancel(predictions, slot);
    }
}

static misas_error *make_change(misas__predictions *predictions,
                                const misas__prediction_change *change)
{
    switch (change->kind) {
    case MISAS__PREDICTION_ADD:
        return put(predictions, &change->prediction, true);
    case MISAS__PREDICTION_REPLACE:
        return put(predictions, &change->prediction, false);
    case MISAS__PREDICTION_CANCEL_ID:
        cancel(predictions, find_slot(predictions, change->prediction.id));
        return NULL;
    case MISAS__PREDICTION_CANCEL_KEY:
        cancel_key(predictions, &change->prediction);
        return NULL;
    }
    return NULL;
}

misas_error *misas__predictions_change(misas__predictions *predictions,
                                       const misas__prediction_change *changes, size_t count)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < count && error == NULL; i++) {
        error = make_change(predictions, &changes[i]);
    }
    return error;
}

misas_error *misas__predictions_load(misas__predictions *predictions,
                                     const misas__prediction *prediction)
{
    misas_error *error = put(predictions, &prediction->content, true);

    if (error == NULL) {
        find_slot(predictions, prediction->content.id)->now->added_at_us = prediction->added_at_us;
    }
    misas__predictions_keep(predictions);
    return error;
}

misas__kept_prediction *misas__predictions_find(const misas__predictions *predictions,
                                                const misas__prediction_reference *prediction)
{
    const misas__prediction_slot *slot = find_slot(predictions, prediction->id);
    int64_t added_at_us = prediction->added_at_us;

    return slot != NULL && slot->now != NULL &&
                   (added_at_us == 0 || added_at_us == slot->now->added_at_us)
               ? slot->now
               : NULL;
}

bool misas__predictions_have(const misas__predictions *predictions,
                             const misas__prediction_reference *prediction)
{
    return misas__predictions_find(predictions, prediction) != NULL;
}

misas_error *misas__predictions_fire(misas__predictions *predictions,
                                     const misas__prediction_reference *fired, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!misas__predictions_have(predictions, &fired[i])) {
            return misas__prediction_gone_error();
        }
        cancel(predictions, find_slot(predictions, fired[i].id));
    }
    return NULL;
}

static void end_change(misas__predictions *predictions, misas__prediction_slot *slot)
{
    slot->before = NULL;
    slot->is_changed = false;
    if (slot->now == NULL) {
        tdelete(slot, &predictions->slots, compare_slots);
        free(slot);
    }
}

static misas__prediction_slot *take_changed(misas__predictions *predictions)
{
    misas__prediction_slot *slot = predictions->changed;

    if (slot != NULL) {
        predictions->changed = slot->next_changed;
        predictions->changed_count--;
    }
    return slot;
}

void misas__predictions_keep(misas__predictions *predictions)
{
    for (misas__prediction_slot *slot = take_changed(predictions); slot != NULL;
         slot = take_changed(predictions)) {
        if (slot->before != slot->now) {
            free_kept(predictions, slot->before);
        }
        end_change(predictions, slot);
    }
}

void misas__predictions_take_back(misas__predictions *predictions)
{
    for (misas__prediction_slot *slot = take_changed(predictions); slot != NULL;
         slot = take_changed(predictions)) {
        if (slot->now != slot->before) {
            set_now(predictions, slot, slot->before);
        }
        end_change(predictions, slot);
    }
}

static void free_slot(void *memory)
{
    misas__prediction_slot *slot = memory;

    free(slot->now->content);
    free(slot->now->key);
    free(slot->now);
    free(slot);
}

void misas__predictions_free(misas__predictions *predictions)
{
    misas__predictions_take_back(predictions);
    tdestroy(predictions->slots, free_slot);
    tdestroy(predictions->groups, free);
    misas__time_heap_free(&predictions->waiting);
    misas__time_heap_free(&predictions->claimed);
    *predictions = (misas__predictions){0};
}
