#include "processing/claims.h"

#include <stdlib.h>
#include <string.h>

#include "clock/deadline.h"
#include "clock/monotonic.h"

enum { renew_interval_ms = 3000, noted_at_once = 1000 };

struct misas__claimed {
    misas__claims *of;
    misas__claimed *previous;
    misas__claimed *next;
    int64_t added_at_us;
    int64_t renew_at_ms;
    bool is_on_its_way;
    char id[];
};

void misas__claims_begin(misas__claims *claims, misas_storage *storage, misas_logger logger)
{
    *claims = (misas__claims){.storage = storage, .logger = logger};
    pthread_mutex_init(&claims->mutex, NULL);
    misas__condition_init(&claims->answered);
}

static void free_list(misas__claimed *first)
{
    while (first != NULL) {
        misas__claimed *next = first->next;

        free(first);
        first = next;
    }
}

void misas__claims_end(misas__claims *claims)
{
    free_list(claims->first);
    free_list(claims->staying);
    pthread_cond_destroy(&claims->answered);
    pthread_mutex_destroy(&claims->mutex);
}

static void append(misas__claims *claims, misas__claimed *claimed)
{
    claimed->renew_at_ms = misas__monotonic_ms() + renew_interval_ms;
    claimed->previous = claims->last;
    claimed->next = NULL;
    if (claims->last != NULL) {
        claims->last->next = claimed;
    } else {
        claims->first = claimed;
    }
    claims->last = claimed;
}

static void take_out(misas__claims *claims, const misas__claimed *claimed)
{
    if (claimed->previous != NULL) {
        claimed->previous->next = claimed->next;
    } else {
        claims->first = claimed->next;
    }
    if (claimed->next != NULL) {
        claimed->next->previous = claimed->previous;
    } else {
        claims->last = claimed->previous;
    }
}

misas__claimed *misas__claims_add(misas__claims *claims, const misas__prediction *prediction)
{
    size_t size = strlen(prediction->content.id) + 1;
    misas__claimed *claimed = malloc(sizeof *claimed + size);

    if (claimed == NULL) {
        return NULL;
    }
    *claimed = (misas__claimed){.of = claims, .added_at_us = prediction->added_at_us};
    memcpy(claimed->id, prediction->content.id, size);
    pthread_mutex_lock(&claims->mutex);
    append(claims, claimed);
    claims->count++;
    pthread_mutex_unlock(&claims->mutex);
    return claimed;
}

size_t misas__claims_count(misas__claims *claims)
{
    pthread_mutex_lock(&claims->mutex);
    size_t count = claims->count;

    pthread_mutex_unlock(&claims->mutex);
    return count;
}

bool misas__claims_are_on_their_way(misas__claims *claims)
{
    pthread_mutex_lock(&claims->mutex);
    bool are_on_their_way = claims->on_their_way > 0;

    pthread_mutex_unlock(&claims->mutex);
    return are_on_their_way;
}

void misas__claimed_is_on_its_way(misas__claimed *claimed)
{
    misas__claims *claims = claimed->of;

    pthread_mutex_lock(&claims->mutex);
    claimed->is_on_its_way = true;
    claims->on_their_way++;
    pthread_mutex_unlock(&claims->mutex);
}

void misas__claimed_end(misas__claimed *claimed, bool stays)
{
    misas__claims *claims = claimed->of;

    pthread_mutex_lock(&claims->mutex);
    take_out(claims, claimed);
    claims->count--;
    claims->on_their_way -= claimed->is_on_its_way ? 1 : 0;
    if (stays) {
        claimed->next = claims->staying;
        claims->staying = claimed;
    } else {
        free(claimed);
    }
    pthread_cond_broadcast(&claims->answered);
    pthread_mutex_unlock(&claims->mutex);
}

const char *misas__claimed_id(const misas__claimed *claimed)
{
    return claimed->id;
}

misas__claims *misas__claims_of(const misas__claimed *claimed)
{
    return claimed->of;
}

static misas_error *note(int32_t *out_attempts, const misas__claims *claims,
                         const misas__claim_note *note)
{
    return claims->storage->backend->predictions.note(out_attempts, claims->storage, note);
}

misas_error *misas__claimed_attempt(int32_t *out_attempts, const misas__claimed *claimed)
{
    const misas__prediction_reference reference = {claimed->id, claimed->added_at_us};

    return note(out_attempts, claimed->of,
                &(misas__claim_note){.predictions = &reference,
                                     .count = 1,
                                     .claim_ms = misas__claim_ms,
                                     .is_attempt = true});
}

/* Some of those in hand, which may be answered at any time. */
typedef struct old_claims {
    misas__arena arena;
    misas__prediction_reference references[noted_at_once];
    size_t count;
} old_claims;

static bool keep(old_claims *to, const misas__claimed *claimed)
{
    const char *id = misas__arena_copy_text(&to->arena, claimed->id);

    if (id != NULL) {
        to->references[to->count++] = (misas__prediction_reference){id, claimed->added_at_us};
    }
    return id != NULL;
}

static void take_old(old_claims *out, misas__claims *claims)
{
    int64_t now_ms = misas__monotonic_ms();

    pthread_mutex_lock(&claims->mutex);
    while (claims->first != NULL && claims->first->renew_at_ms <= now_ms &&
           out->count < noted_at_once && keep(out, claims->first)) {
        misas__claimed *claimed = claims->first;

        take_out(claims, claimed);
        append(claims, claimed);
    }
    pthread_mutex_unlock(&claims->mutex);
}

/* `*out_count` is how many of them. */
static misas_error *renew_some(size_t *out_count, misas__claims *claims)
{
    old_claims old;
    int32_t attempts = 0;

    old.arena = (misas__arena){0};
    old.count = 0;
    take_old(&old, claims);
    misas_error *error = old.count > 0 ? note(&attempts, claims,
                                              &(misas__claim_note){.predictions = old.references,
                                                                   .count = old.count,
                                                                   .claim_ms = misas__claim_ms})
                                       : NULL;

    *out_count = old.count;
    misas__arena_free(&old.arena);
    return error;
}

static misas_error *renew(misas__claims *claims)
{
    misas_error *error = NULL;
    size_t count = noted_at_once;

    while (count == noted_at_once && error == NULL) {
        error = renew_some(&count, claims);
    }
    return error;
}

static misas__claimed *take_staying(misas__claims *claims)
{
    pthread_mutex_lock(&claims->mutex);
    misas__claimed *staying = claims->staying;

    claims->staying = NULL;
    pthread_mutex_unlock(&claims->mutex);
    return staying;
}

static void put_back(misas__claims *claims, misas__claimed *first)
{
    misas__claimed *last = first;

    while (last->next != NULL) {
        last = last->next;
    }
    pthread_mutex_lock(&claims->mutex);
    last->next = claims->staying;
    claims->staying = first;
    pthread_mutex_unlock(&claims->mutex);
}

/* Frees the first ones, which were noted. */
static misas__claimed *free_first(misas__claimed *first, size_t count)
{
    for (; count > 0; count--) {
        misas__claimed *next = first->next;

        free(first);
        first = next;
    }
    return first;
}

static misas_error *note_staying(misas__claims *claims, int pause_ms)
{
    misas__prediction_reference references[noted_at_once];
    misas__claimed *first = take_staying(claims);
    misas_error *error = NULL;
    int32_t attempts = 0;

    while (first != NULL && error == NULL) {
        misas__claim_note some = {
            .predictions = references, .claim_ms = pause_ms, .are_answered = true};

        for (const misas__claimed *each = first; each != NULL && some.count < noted_at_once;
             each = each->next) {
            references[some.count++] = (misas__prediction_reference){each->id, each->added_at_us};
        }
        error = note(&attempts, claims, &some);
        first = error == NULL ? free_first(first, some.count) : first;
    }
    if (first != NULL) {
        put_back(claims, first);
    }
    return error;
}

misas_error *misas__claims_tend(misas__claims *claims, int pause_ms)
{
    misas_error *error = renew(claims);

    return error == NULL ? note_staying(claims, pause_ms) : error;
}

static void await(misas__claims *claims, int timeout_ms, bool is_last)
{
    struct timespec deadline = misas__deadline_after_ms(timeout_ms);
    int waited = 0;

    pthread_mutex_lock(&claims->mutex);
    while ((claims->on_their_way > 0 || (is_last && !claims->is_closed)) && waited == 0) {
        waited = pthread_cond_timedwait(&claims->answered, &claims->mutex, &deadline);
    }
    pthread_mutex_unlock(&claims->mutex);
}

void misas__claims_await(misas__claims *claims, int timeout_ms)
{
    await(claims, timeout_ms, false);
}

void misas__claims_await_last(misas__claims *claims, int timeout_ms)
{
    await(claims, timeout_ms, true);
}

void misas__claims_close(misas__claims *claims)
{
    pthread_mutex_lock(&claims->mutex);
    claims->is_closed = true;
    pthread_cond_broadcast(&claims->answered);
    pthread_mutex_unlock(&claims->mutex);
}
