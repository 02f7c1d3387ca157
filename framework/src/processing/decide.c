#include <stdlib.h>
#include <string.h>

#include "bus/errors.h"
#include "processing/prediction_letter.h"
#include "processing/worker.h"

static bool is_prediction(const misas__job *job)
{
    return job->item->kind == MISAS_KIND_PREDICTION;
}

/* The predictor says when it was added: one that was replaced meanwhile is another. */
static misas__prediction_reference refer(const misas__job *job)
{
    return (misas__prediction_reference){job->item->envelope->id, job->item->envelope->time_us};
}

/* Whether the same message comes before in the batch, as one whose outcome is not known yet. */
static bool is_in_draft(const misas__worker *worker, const misas__job *job)
{
    const misas__draft *draft = &worker->session.draft;
    const misas_envelope *envelope = job->item->envelope;

    for (size_t i = 0; i < draft->count.fired_count && is_prediction(job); i++) {
        if (strcmp(draft->fired[i].id, envelope->id) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < draft->count.handled_count && !is_prediction(job); i++) {
        if (strcmp(draft->handled[i].id, envelope->id) == 0 &&
            strcmp(draft->handled[i].source, envelope->source) == 0) {
            return true;
        }
    }
    return false;
}

/* Keeps a refusal in the draft's arena. From now on it is what will be read again: texts may have
 * been repaired or cut. */
static misas_error *keep_refusal(misas__handled *out, misas__worker *worker, misas__job *job)
{
    void *bytes = NULL;
    misas_error *kept = NULL;
    misas_error *error = misas_error_encode(&bytes, &out->error_size, job->error);

    if (error == NULL) {
        error = misas_error_decode(&kept, bytes, out->error_size);
    }
    void *copy =
        error == NULL ? misas__arena_allocate(&worker->session.draft.arena, out->error_size) : NULL;

    if (copy != NULL) {
        memcpy(copy, bytes, out->error_size);
        misas_error_free(job->error);
        job->error = kept;
    } else if (error == NULL) {
        misas_error_free(kept);
        error = misas_error_out_of_memory();
    }
    free(bytes);
    out->error = copy;
    return error;
}

/* A prediction that is refused is taken away as well, and set aside. */
static misas_error *note_fired(misas__worker *worker, const misas__job *job)
{
    const misas__prediction_reference fired = refer(job);

    return job->error == NULL
               ? misas__draft_add_fired(&worker->session.draft, &fired)
               : misas__draft_set_prediction_aside(&worker->session.draft,
                                                   &(misas__refused_prediction){
                                                       .subsystem = worker->session.subsystem->name,
                                                       .envelope = job->item->envelope,
                                                       .why = job->error,
                                                       .attempts = job->attempts + 1,
                                                   });
}

static misas_error *note_handled(misas__worker *worker, misas__job *job)
{
    misas__handled handled = {
        .source = job->item->envelope->source,
        .id = job->item->envelope->id,
        .reply = job->reply,
    };
    misas_error *error = job->error != NULL ? keep_refusal(&handled, worker, job) : NULL;

    memcpy(handled.digest, job->item->digest, sizeof handled.digest);
    return error == NULL ? misas__draft_add_handled(&worker->session.draft, &handled) : error;
}

/* False when the batch ends before this job; then `*out_error` may say why. */
static bool decide(misas_error **out_error, misas__worker *worker, misas__job *job)
{
    const misas__draft_mark began_at = worker->session.draft.count;
    misas__outcome outcome;

    if (job->refusal != NULL) {
        outcome = (misas__outcome){.error = misas_error_copy(job->refusal)};
    } else {
        misas__handle(&outcome, &worker->session, job->item->envelope);
    }
    if (outcome.ends_batch) {
        misas_error_free(outcome.error);
        return false;
    }
    if (!misas__is_final(outcome.error)) {
        *out_error = outcome.error;
        return false;
    }
    misas_error_free(job->error);
    job->reply = outcome.reply;
    job->error = outcome.error;
    misas_error *error = is_prediction(job) ? note_fired(worker, job) : note_handled(worker, job);

    if (error != NULL) {
        misas__draft_undo(&worker->session.draft, &began_at);
        *out_error = error;
    }
    return error == NULL;
}

void misas__worker_decide(size_t *out_count, misas_error **out_error, misas__worker *worker)
{
    size_t left = worker->count - worker->first;
    size_t most = left < worker->limit ? left : worker->limit;
    size_t count = 0;
    bool goes_on = true;

    *out_error = NULL;
    while (goes_on && count < most) {
        misas__job *job = &worker->jobs[worker->first + count];

        if (worker->is_looking && is_in_draft(worker, job)) {
            worker->expects_duplicates = true; /* its answer is there in the next round */
            break;
        }
        goes_on = job->is_answered || decide(out_error, worker, job);
        count += goes_on ? 1 : 0;
    }
    *out_count = count;
}

static misas_error *id_reused(const misas_envelope *envelope)
{
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_MESSAGE_ID_REUSED,
            .data =
                (misas_field[]){{"source", envelope->source}, {"id", envelope->id}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the message %s of %s was handled before, with another content", envelope->id,
        envelope->source);
}

/* What was answered then. */
static misas_error *answer_again(misas__job *job, const misas__handled *handled)
{
    misas_error *refusal = NULL;
    misas_error *error = NULL;

    if (memcmp(handled->digest, job->item->digest, sizeof handled->digest) != 0) {
        refusal = id_reused(job->item->envelope);
    } else if (handled->error_size > 0) {
        error = misas_error_decode(&refusal, handled->error, handled->error_size);
    }
    if (error == NULL) {
        misas_error_free(job->error);
        job->reply = handled->reply;
        job->error = refusal;
        job->is_answered = true;
    }
    return error;
}

/* What is known of the jobs to be tried next: those handled before, and predictions that are gone.
 */
typedef struct known {
    misas__handled *handled;
    misas__prediction_reference *predictions;
    bool *found;
    size_t *jobs; /* of which */
    size_t handled_count;
    size_t prediction_count;
} known;

static bool allocate(known *out, misas__arena *arena, size_t count)
{
    *out = (known){
        .handled = misas__arena_allocate(arena, count * sizeof *out->handled),
        .predictions = misas__arena_allocate(arena, count * sizeof *out->predictions),
        .found = misas__arena_allocate(arena, count * sizeof *out->found),
        .jobs = misas__arena_allocate(arena, count * sizeof *out->jobs),
    };
    return out->handled != NULL && out->predictions != NULL && out->found != NULL &&
           out->jobs != NULL;
}

static misas_error *find_commands(misas__worker *worker, known *all, size_t count)
{
    misas__session *session = &worker->session;

    for (size_t i = 0; i < count; i++) {
        const misas__job *job = &worker->jobs[worker->first + i];

        if (!is_prediction(job)) {
            all->found[all->handled_count] = false;
            all->jobs[all->handled_count] = worker->first + i;
            all->handled[all->handled_count++] = (misas__handled){
                .source = job->item->envelope->source, .id = job->item->envelope->id};
        }
    }
    misas_error *error = all->handled_count > 0
                             ? session->transaction->functions->find_handled(
                                   all->found, session->transaction, all->handled,
                                   all->handled_count, &session->draft.arena)
                             : NULL;

    for (size_t i = 0; i < all->handled_count && error == NULL; i++) {
        if (all->found[i]) {
            worker->expects_duplicates = true;
            error = answer_again(&worker->jobs[all->jobs[i]], &all->handled[i]);
        }
    }
    return error;
}

static misas_error *find_predictions(misas__worker *worker, known *all, size_t count)
{
    misas__session *session = &worker->session;

    for (size_t i = 0; i < count; i++) {
        if (is_prediction(&worker->jobs[worker->first + i])) {
            all->found[all->prediction_count] = false;
            all->jobs[all->prediction_count] = worker->first + i;
            all->predictions[all->prediction_count++] = refer(&worker->jobs[worker->first + i]);
        }
    }
    misas_error *error =
        all->prediction_count > 0
            ? session->transaction->functions->find_predictions(
                  all->found, session->transaction, all->predictions, all->prediction_count)
            : NULL;

    for (size_t i = 0; i < all->prediction_count && error == NULL; i++) {
        if (!all->found[i]) { /* it was handled, or cancelled: no row, no effect */
            worker->expects_duplicates = true;
            worker->jobs[all->jobs[i]].is_answered = true;
        }
    }
    return error;
}

misas_error *misas__worker_find_handled(misas__worker *worker, size_t count)
{
    known all;

    if (!allocate(&all, &worker->session.draft.arena, count)) {
        return misas_error_out_of_memory();
    }
    worker->expects_duplicates = false;
    misas_error *error = find_commands(worker, &all, count);

    return error == NULL ? find_predictions(worker, &all, count) : error;
}
