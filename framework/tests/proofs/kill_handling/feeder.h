/** Gives orders to a teller, in bursts; keeps what is not answered, to give it again to the next.
 */
#ifndef MISAS_TESTS_FEEDER_H
#define MISAS_TESTS_FEEDER_H

#include "proofs/kill_handling/teller.h"

enum {
    feeder_burst = 200,
    feeder_accounts = 40,
    feeder_nobody = 999, /* an account that is not there */
    feeder_cancellable = 16
};

typedef struct feeder_entry {
    teller_order order;
    char outcome; /* 0: not answered yet */
    int64_t answered_us;
} feeder_entry;

typedef struct feeder {
    feeder_entry *entries; /* the order of number n is entries[n - 1] */
    int count;             /* to be given in all */
    int given;             /* at least once */
    int answered;          /* of them */
    int answers;           /* that came, also such as are none */
    int again;             /* orders given again, because they were not answered ... */
    int repeated;          /* ... or although they were */
    int changed;           /* answers that were others than before */
    int64_t began_ms;
    int64_t lasts_ms;
    int cancellable[feeder_cancellable]; /* numbers of predictions that were added; 0: none */
    int orders;                          /* ends of pipes; -1: none */
    int replies;
    char line[2 * teller_line_size]; /* the beginning of one that is still to come */
    size_t line_size;
    unsigned random;
} feeder;

/** So many orders, spread over a time. Freed with feeder_free. */
feeder *feeder_new(int count, int64_t lasts_ms);
void feeder_free(feeder *self);

/** A teller is there: it gets all that was not answered, and some that was, again. */
void feeder_connect(feeder *self, int orders, int replies);

/** The teller is gone: takes what it had said, and closes the pipes. */
void feeder_disconnect(feeder *self);

/** Gives what is to be given by now, and takes answers; a few milliseconds at most. */
void feeder_step(feeder *self);

/** Whether everything was given and answered. */
bool feeder_is_done(const feeder *self);

#endif
