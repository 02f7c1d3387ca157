/** Compares what is in a store with what a feeder was answered. */
#ifndef MISAS_TESTS_JUDGE_H
#define MISAS_TESTS_JUDGE_H

#include "proofs/kill_handling/feeder.h"

typedef struct judgement {
    int64_t accepted;
    int64_t refused;
    int64_t lost;    /* accepted commands, sent ones and predictions without a trace or effect */
    int64_t twice;   /* effects that are there again, or that nothing asked for */
    int64_t changed; /* answers that are kept as others than were given */
    int64_t gaps;    /* events that are not the next of their stream */
    int64_t sent;
    int64_t sent_handled;
    int64_t predictions;
    int64_t fired;
    int64_t cancelled;
    int64_t fired_wrongly; /* before their time, or after they were cancelled */
    int64_t left;          /* predictions that are still to come */
    int64_t projection_wrong;
    int64_t set_aside;
} judgement;

/** Whether sent commands are handled, predictions gone, and the projection is up to date. */
bool judge_is_settled(PGconn *session);

void judge(judgement *out, PGconn *session, const test_store *at, const feeder *of);

#endif
